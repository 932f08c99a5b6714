import { replicationRules } from "../../builders/replication-rules.ts";
import type { Bucket, ResolvedModel } from "../../config/model.ts";
import type { Remotes } from "../../config/stack/remotes.ts";
import { shellWord } from "../../config/text/shell.ts";
import { targetPlace } from "../../live/compare-replication.ts";
import type { LiveBucket, LiveJob, LiveReplication, LiveServer, LiveSite, LiveTarget } from "../../live/live-server.ts";
import type { Finding } from "../finding.ts";
import { type Compared, finding, together, where } from "./findings.ts";

/** Where data or news of it leave a bucket and no spec asks for it; where one does, the spec is compared. */
export function compareReplicationEvents(model: ResolvedModel, live: LiveServer, remotes: Remotes): Compared {
  const targets = "value" in live.targets ? live.targets.value : [];
  const sources = new Set([...live.buckets.keys(), ...targets.map(({ bucket }) => bucket)]);
  const known = new Map(
    model.platforms.flatMap(({ buckets }) => buckets.map((bucket) => [bucket.name, bucket] as const)),
  );
  const findings = [...sources].sort().flatMap((name) => {
    const look = live.buckets.get(name);
    const held = look !== undefined && "value" in look ? look.value : null;
    const bucket = known.get(name);
    const platform = bucket?.platform ?? null;
    const own = targets.filter((target) => target.bucket === name && !isDeclared(bucket, remotes, target));
    // Of a bucket that its spec has copied the rules are compared with it.
    const rules = bucket !== undefined && replicationRules(bucket, remotes).length > 0 ? [] : (held?.replication ?? []);
    const unasked = bucket !== undefined && bucket.notifications !== null ? [] : notifications(name, platform, held);
    return [...replication(name, platform, rules, own), ...unasked];
  });
  const { notLooked } = where(live.targets, "replication", null, () => ({ findings: [], notLooked: [] }));
  const sites = where(live.sites, "site replication", null, (all) => ({ findings: all.map(site), notLooked: [] }));
  const jobs = where(live.jobs, "batch job", null, (all) => ({ findings: all.map(job), notLooked: [] }));
  return together([{ findings, notLooked: [] }, { findings: [], notLooked }, sites, jobs]);
}

function replication(
  name: string,
  platform: string | null,
  held: readonly LiveReplication[],
  targets: readonly LiveTarget[],
): Finding[] {
  const rules = held.map(({ rule, enabled, destination }) => ({ rule, enabled, destination }));
  if (rules.length + targets.length === 0) return [];
  const places = targets.map(({ endpoint, targetBucket }) => `${targetBucket} on ${endpoint}`);
  const copied = rules.some(({ enabled }) => enabled);
  const where = places.join(", ") || rules.map(({ destination }) => destination).join(", ");
  const message = copied ? `objects are copied to ${where}; no spec asks for it` : `may be copied to ${where}`;
  const actual = { rules, targets: places };
  const severity = copied ? "high" : "medium";
  return [finding("unmanaged", { kind: "replication", name }, { severity, platform, actual, message })];
}

function isDeclared(bucket: Bucket | undefined, remotes: Remotes, target: LiveTarget): boolean {
  if (bucket === undefined) return false;
  const place = targetPlace(target);
  return replicationRules(bucket, remotes).some((rule) => `${rule.endpoint}/${rule.bucket}` === place);
}

function notifications(name: string, platform: string | null, held: LiveBucket | null): Finding[] {
  if (held === null || held.notifications.length === 0) return [];
  const actual = held.notifications.map(({ target, events }) => ({ target, events: [...events] }));
  const message = `${actual.map(({ target }) => target).join(", ")} is told of objects; no spec asks for it`;
  return [finding("unmanaged", { kind: "notification", name }, { severity: "medium", platform, actual, message })];
}

function site({ name, endpoint }: LiveSite): Finding {
  const message = `${endpoint} is one of the sites that share all buckets, objects and identities; no spec asks for it; mc admin replicate info ALIAS shows them`;
  return finding(
    "unmanaged",
    { kind: "site replication", name },
    { severity: "high", platform: null, actual: endpoint, message },
  );
}

function job({ id, type, user }: LiveJob): Finding {
  const who = user === "" ? "" : `, started by ${user}`;
  const message = `a batch job that ${DEEDS[type] ?? type}${who}: it runs, or was done within three days; no spec asks for it; mc batch describe ALIAS ${shellWord(id)} shows it`;
  return finding(
    "unmanaged",
    { kind: "batch job", name: id },
    { severity: "high", platform: null, actual: type, message },
  );
}

const DEEDS: Readonly<Record<string, string>> = {
  replicate: "copies objects",
  keyrotate: "encrypts objects anew",
  expire: "deletes objects",
};
