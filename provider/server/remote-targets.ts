import type { LiveTarget, RemoteKey, ReplicationRule } from "../replication/types.ts";
import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { encryptedBody } from "./encrypted-body.ts";
import { remember } from "./rights.ts";

/** MinIO's word for targets that rules of replication use. */
const TYPE = "replication";

interface Told {
  readonly arn?: string;
  /** host:port, no scheme. */
  readonly endpoint?: string;
  readonly secure?: boolean;
  readonly targetbucket?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKey?: string };
}

/** Where the bucket may be copied to. @throws CallError, `NoSuchBucket` where there is none */
export async function readTargets(server: Connection, bucket: string): Promise<LiveTarget[]> {
  const told = JSON.parse(await adminCall(server, "GET", "list-remote-targets", { bucket, type: TYPE })) as
    | Told[]
    | null;
  return (told ?? []).map(
    ({ arn = "", endpoint = "", secure = false, targetbucket = "", region = "", credentials }) => ({
      arn,
      endpoint: new URL(`${secure ? "https" : "http"}://${endpoint}`).origin,
      bucket: targetbucket,
      region,
      accessKey: credentials?.accessKey ?? "",
    }),
  );
}

/** Where a target leads, with its key. */
export type Target = Pick<ReplicationRule, "endpoint" | "bucket" | "region"> & RemoteKey;

/**
 * Makes a target. The server asks the other one for the bucket and its versioning first, and refuses what it can't use.
 * Asked twice it answers the one that is there.
 * @returns its ARN, by which rules name it
 * @throws CallError
 */
export async function addTarget(server: Connection, bucket: string, target: Target): Promise<string> {
  return JSON.parse(await written(server, { bucket }, bodyOf(bucket, target))) as string;
}

/** Gives a target another key, which the server tries as in `addTarget`. @throws CallError */
export async function editTarget(server: Connection, bucket: string, arn: string, target: Target): Promise<void> {
  await written(server, { bucket, update: "true", creds: "true" }, { ...bodyOf(bucket, target), arn });
}

/** Removes a target, which the server refuses while a rule uses it. @throws CallError */
export async function removeTarget(server: Connection, bucket: string, arn: string): Promise<void> {
  await adminCall(server, "DELETE", "remove-remote-target", { bucket, arn });
}

function bodyOf(bucket: string, { endpoint, bucket: targetbucket, region, accessKey, secretKey }: Target): object {
  const { protocol, host } = new URL(endpoint);
  return {
    sourcebucket: bucket,
    endpoint: host,
    secure: protocol === "https:",
    targetbucket,
    path: "auto",
    api: "s3v4",
    type: TYPE,
    ...(region !== undefined && { region }),
    credentials: { accessKey, secretKey },
  };
}

async function written(server: Connection, query: Record<string, string>, body: object): Promise<string> {
  const encrypted = encryptedBody(server.config.secretKey, JSON.stringify(body));
  return adminCall(server, "PUT", "set-remote-target", query, encrypted).catch((error: unknown) => {
    throw remember(error, "set-remote-target");
  });
}
