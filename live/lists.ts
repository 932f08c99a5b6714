import type { Query } from "./client.ts";
import { answerFault } from "./faults.ts";
import type { LiveTarget } from "./live-server.ts";
import type { Reader } from "./reader.ts";

/** Names of groups, sorted. @throws ReadError */
export async function groupNames(reader: Reader): Promise<string[]> {
  return (await list(reader, "groups", "groups")).map(String).sort();
}

/** Names of remote tiers, sorted. @throws ReadError */
export async function tierNames(reader: Reader): Promise<string[]> {
  const tiers = (await list(reader, "tiers", "tier")) as { Name?: unknown }[];
  return tiers.map(({ Name }) => String(Name)).sort();
}

/** Remote buckets that buckets are copied to; the server keeps their secrets to itself here. @throws ReadError */
export async function replicationTargets(reader: Reader): Promise<LiveTarget[]> {
  const targets = await list(reader, "replication targets", "list-remote-targets", { bucket: "", type: "" });
  return (targets as Record<string, unknown>[]).map(({ sourcebucket, endpoint, targetbucket }) => ({
    bucket: String(sourcebucket),
    endpoint: String(endpoint),
    targetBucket: String(targetbucket),
  }));
}

/** A list of the admin API; MinIO writes an empty one as `null`. */
async function list(reader: Reader, what: string, call: string, query: Query = {}): Promise<unknown[]> {
  const answer = await reader.answer(reader.wire.admin(call, query));
  const found = answer.status === 200 ? listIn(answer.body) : undefined;
  if (found === undefined) throw answerFault(answer, reader.server, what);
  return found;
}

function listIn(body: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return value === null ? [] : Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
