import type { Asked } from "./faults.ts";
import { listIn } from "./json.ts";
import type { LiveTarget } from "./live-server.ts";
import type { Reader } from "./reader.ts";
import type { Query } from "./request.ts";

/** Names of groups, sorted. @throws ReadError */
export async function groupNames(reader: Reader): Promise<string[]> {
  return (await list(reader, { what: "groups", right: "admin:ListGroups" }, "groups")).map(String).sort();
}

/** Names of remote tiers, sorted. @throws ReadError */
export async function tierNames(reader: Reader): Promise<string[]> {
  const tiers = (await list(reader, { what: "tiers", right: "admin:ListTier" }, "tier")) as { Name?: unknown }[];
  return tiers.map(({ Name }) => String(Name)).sort();
}

/** Remote buckets that buckets are copied to; the server keeps their secrets to itself here. @throws ReadError */
export async function replicationTargets(reader: Reader): Promise<LiveTarget[]> {
  const asked = { what: "replication targets", right: "admin:GetBucketTarget" };
  const targets = await list(reader, asked, "list-remote-targets", { bucket: "", type: "" });
  return (targets as Record<string, unknown>[]).map(({ sourcebucket, endpoint, targetbucket }) => ({
    bucket: String(sourcebucket),
    endpoint: String(endpoint),
    targetBucket: String(targetbucket),
  }));
}

function list(reader: Reader, asked: Asked, call: string, query: Query = {}): Promise<unknown[]> {
  return reader.read(reader.client.admin(call, query), asked, listIn);
}
