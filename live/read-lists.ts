import type { Asked } from "./faults.ts";
import { jsonIn, listIn } from "./json.ts";
import type { LiveJob, LiveSite, LiveTarget, LiveTier } from "./live-server.ts";
import type { Reader } from "./reader.ts";
import type { Query } from "./request.ts";

/** Names of groups, sorted. @throws ReadError */
export async function groupNames(reader: Reader): Promise<string[]> {
  return (await list(reader, { what: "groups", right: "admin:ListGroups" }, "groups")).map(String).sort();
}

/** Remote tiers, sorted by name; their keys are dropped while they are read. @throws ReadError */
export async function remoteTiers(reader: Reader): Promise<LiveTier[]> {
  const tiers = await list(reader, { what: "tiers", right: "admin:ListTier" }, "tier");
  return (tiers as Record<string, unknown>[]).map(tierFrom).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What it leads to stands below the name of its kind. */
function tierFrom({ Name, Type, ...kinds }: Record<string, unknown>): LiveTier {
  const remote = (kinds[KINDS[String(Type)] ?? ""] ?? {}) as Record<string, unknown>;
  const text = (key: string): string => String(remote[key] ?? "");
  const endpoint = text("Endpoint");
  return {
    name: String(Name),
    type: String(Type),
    endpoint: URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint,
    bucket: text("Bucket"),
    prefix: text("Prefix").replace(/\/$/, ""),
    region: text("Region"),
    storageClass: text("StorageClass"),
  };
}

const KINDS: Readonly<Record<string, string>> = { s3: "S3", minio: "MinIO", azure: "Azure", gcs: "GCS" };

/** Remote buckets that buckets are copied to; the server keeps their secrets to itself here. @throws ReadError */
export async function replicationTargets(reader: Reader): Promise<LiveTarget[]> {
  const asked = { what: "replication targets", right: "admin:GetBucketTarget" };
  const targets = await list(reader, asked, "list-remote-targets", { bucket: "", type: "" });
  return (targets as Record<string, unknown>[]).map(({ sourcebucket, endpoint, secure, targetbucket, arn }) => ({
    bucket: String(sourcebucket),
    endpoint: String(endpoint),
    secure: secure === true,
    targetBucket: String(targetbucket),
    arn: String(arn),
  }));
}

/** Servers that share everything with this one, and it itself; empty where it stands alone. @throws ReadError */
export async function replicationSites(reader: Reader): Promise<LiveSite[]> {
  const asked = { what: "site replication", right: "admin:SiteReplicationInfo" };
  const { sites } = await map(reader, asked, "site-replication/info");
  return ((sites ?? []) as Record<string, unknown>[]).map(({ name, endpoint }) => ({
    name: String(name),
    endpoint: String(endpoint),
  }));
}

/** Batch jobs, for three days after they are done too. @throws ReadError */
export async function batchJobs(reader: Reader): Promise<LiveJob[]> {
  const asked = { what: "batch jobs", right: "admin:ListBatchJobs" };
  const { jobs } = await map(reader, asked, "list-jobs");
  return ((jobs ?? []) as Record<string, unknown>[]).map(({ id, type, user }) => ({
    id: String(id),
    type: String(type),
    user: String(user ?? ""),
  }));
}

function map(reader: Reader, asked: Asked, call: string): Promise<Record<string, unknown>> {
  return reader.read(reader.client.admin(call), asked, jsonIn);
}

function list(reader: Reader, asked: Asked, call: string, query: Query = {}): Promise<unknown[]> {
  return reader.read(reader.client.admin(call, query), asked, listIn);
}
