import { type LiveTier, originOf, type TierInputs } from "../tier/types.ts";
import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { encryptedBody } from "./encrypted-body.ts";
import { remember } from "./rights.ts";

/** What MinIO calls where a tier leads, below the name of its kind. */
interface Remote {
  readonly Endpoint?: string;
  readonly Bucket?: string;
  readonly Prefix?: string;
  readonly Region?: string;
  readonly StorageClass?: string;
  readonly AccessKey?: string;
}

interface Told {
  readonly Name?: string;
  readonly Type?: string;
  readonly S3?: Remote;
  readonly MinIO?: Remote;
}

/** The server's tier of that name; undefined where there is none. A kind that we don't make has only its name and kind. */
export async function readTier(server: Connection, name: string): Promise<LiveTier | undefined> {
  const told = (JSON.parse(await adminCall(server, "GET", "tier", {})) as Told[] | null) ?? [];
  const found = told.find(({ Name }) => Name === name);
  return found && tierFrom(found);
}

function tierFrom({ Name = "", Type = "", S3, MinIO }: Told): LiveTier {
  const {
    Endpoint = "",
    Bucket = "",
    Prefix = "",
    Region,
    StorageClass,
    AccessKey = "",
  } = (Type === "minio" ? MinIO : S3) ?? {};
  const prefix = Prefix.replace(/\/$/, "");
  return {
    name: Name,
    type: Type as LiveTier["type"],
    endpoint: originOf(Endpoint),
    bucket: Bucket,
    ...(prefix && { prefix }),
    ...(Region && { region: Region }),
    ...(StorageClass && { storageClass: StorageClass }),
    accessKey: AccessKey,
  };
}

/**
 * Makes the tier. The server tries to write, read and delete in the other store first, and refuses what it can't.
 * @param force also where the place holds objects already
 * @throws CallError
 */
export async function addTier(server: Connection, tier: TierInputs, force: boolean): Promise<void> {
  const { name, type, endpoint, bucket, prefix, region, storageClass, accessKey, secretKey } = tier;
  const remote = {
    Endpoint: endpoint,
    AccessKey: accessKey,
    SecretKey: secretKey,
    Bucket: bucket,
    Prefix: prefix ?? "",
    Region: region ?? "",
    ...(type === "s3" && { StorageClass: storageClass ?? "" }),
  };
  const config = { Version: "v1", Type: type, Name: name, [type === "minio" ? "MinIO" : "S3"]: remote };
  await written(server, "PUT", "tier", force ? { force: "true" } : {}, config);
}

/** Gives the tier another key, which the server tries as in `addTier`. @throws CallError */
export async function editTier(server: Connection, { name, accessKey, secretKey }: TierInputs): Promise<void> {
  await written(server, "POST", `tier/${name}`, {}, { access: accessKey, secret: secretKey });
}

/** Removes the tier, which the server refuses while its place holds anything. @throws CallError */
export async function removeTier(server: Connection, name: string): Promise<void> {
  await written(server, "DELETE", `tier/${name}`, {});
}

async function written(
  server: Connection,
  method: string,
  path: string,
  query: Record<string, string>,
  body?: object,
): Promise<void> {
  const encrypted = body === undefined ? "" : encryptedBody(server.config.secretKey, JSON.stringify(body));
  await adminCall(server, method, path, query, encrypted).catch((error: unknown) => {
    throw remember(error, "tier written");
  });
}
