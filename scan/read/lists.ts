import { answerFault } from "../../verify/faults.ts";
import type { Query } from "../../verify/wire.ts";
import type { LiveTarget } from "../server.ts";
import type { Looker } from "./looker.ts";

/** Names of groups, sorted. @throws CouldNotLook */
export async function groupNames(looker: Looker): Promise<string[]> {
  return (await list(looker, "groups", "groups")).map(String).sort();
}

/** Names of remote tiers, sorted. @throws CouldNotLook */
export async function tierNames(looker: Looker): Promise<string[]> {
  const tiers = (await list(looker, "tiers", "tier")) as { Name?: unknown }[];
  return tiers.map(({ Name }) => String(Name)).sort();
}

/** Remote buckets that buckets are copied to; the server keeps their secrets to itself here. @throws CouldNotLook */
export async function replicationTargets(looker: Looker): Promise<LiveTarget[]> {
  const targets = await list(looker, "replication targets", "list-remote-targets", { bucket: "", type: "" });
  return (targets as Record<string, unknown>[]).map(({ sourcebucket, endpoint, targetbucket }) => ({
    bucket: String(sourcebucket),
    endpoint: String(endpoint),
    targetBucket: String(targetbucket),
  }));
}

/** A list of the admin API; MinIO writes an empty one as `null`. */
async function list(looker: Looker, what: string, call: string, query: Query = {}): Promise<unknown[]> {
  const answer = await looker.answer(looker.wire.admin(call, query));
  const found = answer.status === 200 ? listIn(answer.body) : undefined;
  if (found === undefined) throw answerFault(answer, looker.server, what);
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
