import type { SharedServices } from "../../config/model.ts";
import type { ServerKey } from "../key-variables.ts";
import { SERVER_REQUESTS } from "./server-requests.ts";

/** Logins of the store of logs, and the files of their passwords in the folders of its services. */
export const LOG_STORE = {
  reader: "reader",
  writer: "writer",
  readerPassword: "reader-password",
  writerPassword: "writer-password",
  /** From the checkout. */
  writerPasswordPath: ".bucketworks/services/log_store/writer-password",
} as const;

/** What the shipper of logs is told; a secret is in it. */
export interface ShipperSettings {
  /** Names of the stack's platforms. */
  readonly platforms: readonly string[];
  /** Where the store takes lines. */
  readonly store: {
    readonly address: string;
    readonly user: string;
    readonly passwordFile: string;
    /** Of the authority by which it is known; absent where it speaks plain HTTP. */
    readonly authorityFile?: string;
  };
  /** Where audit lines go; null where nobody asks for a trail, or its key isn't there yet. */
  readonly audit: {
    readonly endpoint: string;
    readonly secure: boolean;
    readonly caFile?: string;
    readonly region: string;
    readonly bucket: string;
    readonly accessKey: string;
    readonly secretKey: string;
  } | null;
  /** What the local server tells of requests, and the log that it goes to, from the checkout; null where nobody asks for it. */
  readonly requests: { readonly tokenFile: string; readonly log: string } | null;
  /** host:port at which it tells how it does. */
  readonly address: string;
}

/** What the shipper inside a cluster is told; no secret is in it. */
export interface PodShipperDocument {
  /** Names of the stack's platforms. */
  readonly platforms: readonly string[];
  readonly store: ShipperSettings["store"];
  /** Whose pods' lines it reads, and with which token. */
  readonly cluster: { readonly namespace: string; readonly tokenFile: string };
  /** The file in which it writes how far it has come. */
  readonly positions: string;
  /** At which it tells how it does. */
  readonly port: number;
  /** Files of its own certificate; absent where it tells that by plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Of the store: what differs between a laptop and a cluster. */
interface StorePlace {
  readonly address: string;
  readonly passwordFile: string;
  readonly retention: string;
  /** Bytes that lines take at most. */
  readonly size: string;
}

/** Arguments of the store but for its folder; no secret is in them. */
export function logStoreArguments({ address, passwordFile, retention, size }: StorePlace): string[] {
  return [
    `-httpListenAddr=${address}`,
    `-httpAuth.username=${LOG_STORE.writer}`,
    `-httpAuth.password=file://${passwordFile}`,
    `-retentionPeriod=${retention}`,
    `-retention.maxDiskSpaceUsageBytes=${size}`,
    // What it took is on its disk so soon: the shipper counts on it.
    "-inmemoryDataFlushInterval=1s",
    "-memory.allowedBytes=256MiB",
    "-loggerFormat=json",
  ];
}

/** Arguments of the program that asks the store and takes no line, but for its own password. */
export function logReaderArguments(address: string, writerPasswordFile: string): string[] {
  return [
    `-httpListenAddr=${address}`,
    `-httpAuth.username=${LOG_STORE.reader}`,
    `-storageNode.username=${LOG_STORE.writer}`,
    `-storageNode.passwordFile=${writerPasswordFile}`,
    "-insert.disable",
    "-internalinsert.disable",
    "-internalselect.disable",
    "-memory.allowedBytes=128MiB",
    "-loggerFormat=json",
  ];
}

interface Known {
  readonly platforms: readonly string[];
  readonly store: string;
  readonly address: string;
  readonly audit: NonNullable<SharedServices["logs"]>["audit"];
  readonly key: ServerKey | undefined;
  /** host:port of the local server; undefined where none runs, and where the stack names another. */
  readonly minio: string | undefined;
  /** Whether requests to the local server are lines. */
  readonly takesRequests: boolean;
}

export function shipperSettings({
  platforms,
  store,
  address,
  audit,
  key,
  minio,
  takesRequests,
}: Known): ShipperSettings {
  return {
    platforms,
    store: { address: store, user: LOG_STORE.writer, passwordFile: LOG_STORE.writerPasswordPath },
    audit: audit === null || key === undefined ? null : { bucket: audit.bucket, ...trailServer(key, minio) },
    requests: takesRequests
      ? {
          tokenFile: `.bucketworks/services/log_shipper/${SERVER_REQUESTS.tokenFile}`,
          log: `.bucketworks/logs/${SERVER_REQUESTS.log}`,
        }
      : null,
    address,
  };
}

/** The server that the key is for. The local one may have another address than when the key was made. */
function trailServer({ endpoint, region, accessKey, secretKey, caFile }: ServerKey, local: string | undefined) {
  const { host, protocol } = new URL(local === undefined ? endpoint : `http://${local}`);
  const trust = local === undefined && caFile !== undefined ? { caFile } : {};
  return { endpoint: host, secure: protocol === "https:", ...trust, region, accessKey, secretKey };
}
