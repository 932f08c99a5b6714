import { defaults } from "../../config/defaults.ts";
import type { SharedServices } from "../../config/model.ts";

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
  readonly store: { readonly address: string; readonly user: string; readonly passwordFile: string };
  /** Where audit lines go; null where nobody asks for a trail, or its key isn't there yet. */
  readonly audit: {
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    readonly accessKey: string;
    readonly secretKey: string;
  } | null;
  /** host:port at which it tells how it does. */
  readonly address: string;
}

interface Known {
  readonly platforms: readonly string[];
  readonly store: string;
  readonly address: string;
  readonly audit: NonNullable<SharedServices["logs"]>["audit"];
  readonly key: { readonly accessKey: string; readonly secretKey: string } | undefined;
  readonly minio: string | undefined;
}

export function shipperSettings({ platforms, store, address, audit, key, minio }: Known): ShipperSettings {
  const isThere = audit !== null && key !== undefined && minio !== undefined;
  // A key may say more: its endpoint is a URL.
  const login = { accessKey: key?.accessKey ?? "", secretKey: key?.secretKey ?? "" };
  return {
    platforms,
    store: { address: store, user: LOG_STORE.writer, passwordFile: LOG_STORE.writerPasswordPath },
    audit: isThere ? { endpoint: minio, region: defaults.region, bucket: audit.bucket, ...login } : null,
    address,
  };
}
