import type { ResolvedModel } from "../../config/model.ts";
import type { LiveBucket, LiveServer, LiveTarget } from "../../live/live-server.ts";
import type { Finding } from "../finding.ts";
import { type Compared, finding, where } from "./findings.ts";

/** Where data or news of it leave a bucket, and tiers: no spec can ask for any of it, so all of it is unmanaged. */
export function compareReplicationEventsTiers(model: ResolvedModel, live: LiveServer): Compared {
  const targets = "value" in live.targets ? live.targets.value : [];
  const sources = new Set([...live.buckets.keys(), ...targets.map(({ bucket }) => bucket)]);
  const platforms = new Map(
    model.platforms.flatMap(({ name: platform, buckets }) => buckets.map(({ name }) => [name, platform] as const)),
  );
  const findings = [...sources].sort().flatMap((name) => {
    const look = live.buckets.get(name);
    const held = look !== undefined && "value" in look ? look.value : null;
    const platform = platforms.get(name) ?? null;
    const own = targets.filter(({ bucket }) => bucket === name);
    return [...replication(name, platform, held, own), ...notifications(name, platform, held)];
  });
  const used = new Set(
    model.platforms.flatMap(({ buckets }) =>
      buckets.flatMap(({ lifecycle }) => lifecycle.flatMap(({ transition }) => transition?.tier ?? [])),
    ),
  );
  const tiers = where(live.tiers, "tier", null, (names) => ({
    findings: names.filter((name) => !used.has(name)).map(tier),
    notLooked: [],
  }));
  const { notLooked } = where(live.targets, "replication", null, () => ({ findings: [], notLooked: [] }));
  return { findings: [...findings, ...tiers.findings], notLooked: [...tiers.notLooked, ...notLooked] };
}

function replication(
  name: string,
  platform: string | null,
  held: LiveBucket | null,
  targets: readonly LiveTarget[],
): Finding[] {
  const rules = (held?.replication ?? []).map(({ rule, enabled, destination }) => ({ rule, enabled, destination }));
  if (rules.length + targets.length === 0) return [];
  const places = targets.map(({ endpoint, targetBucket }) => `${targetBucket} on ${endpoint}`);
  const copied = rules.some(({ enabled }) => enabled);
  const where = places.join(", ") || rules.map(({ destination }) => destination).join(", ");
  const message = copied ? `objects are copied to ${where}; no spec asks for it` : `may be copied to ${where}`;
  const actual = { rules, targets: places };
  const severity = copied ? "high" : "medium";
  return [finding("unmanaged", { kind: "replication", name }, { severity, platform, actual, message })];
}

function notifications(name: string, platform: string | null, held: LiveBucket | null): Finding[] {
  if (held === null || held.notifications.length === 0) return [];
  const actual = held.notifications.map(({ target, events }) => ({ target, events: [...events] }));
  const message = `${actual.map(({ target }) => target).join(", ")} is told of objects; no spec asks for it`;
  return [finding("unmanaged", { kind: "notification", name }, { severity: "medium", platform, actual, message })];
}

function tier(name: string): Finding {
  const of = { severity: "low", platform: null, actual: "present", message: "in no rule of a spec" } as const;
  return finding("unmanaged", { kind: "tier", name }, of);
}
