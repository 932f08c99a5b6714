import type { Bucket, ResolvedModel } from "../../config/model.ts";
import type { Remotes } from "../../config/stack/remotes.ts";
import { findingLine } from "../../live/bucket-words.ts";
import { compareBucket, type WaitingRule } from "../../live/compare-bucket.ts";
import { compareReplication } from "../../live/compare-replication.ts";
import type { Difference } from "../../live/compare-settings.ts";
import type { LiveBucket, LiveServer } from "../../live/live-server.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import type { Finding } from "../finding.ts";
import { bucketRisk } from "./bucket-risk.ts";
import { type Compared, finding, NOTHING, together, where } from "./findings.ts";
import { rightsChange } from "./rights.ts";

export type ComparedBuckets = Compared & { readonly waiting: readonly WaitingRule[] };

/**
 * Every bucket of the model, and every one of the server that is in no model.
 * @param released names of buckets that a stack of ours once made and left on the server; remotes: those of the stack
 */
export function compareBuckets(
  model: ResolvedModel,
  live: LiveServer,
  { released, remotes }: { readonly released: ReadonlySet<string>; readonly remotes: Remotes },
): ComparedBuckets {
  const own = new Map(
    model.platforms.flatMap(({ buckets }) => buckets.map((bucket) => [bucket.name, bucket] as const)),
  );
  const waiting: WaitingRule[] = [];
  const tiers = "value" in live.tiers ? new Set(live.tiers.value.map(({ name }) => name)) : undefined;
  const parts = [...live.buckets].map(([name, look]) =>
    where(look, "bucket", name, (held) => {
      const bucket = own.get(name);
      if (bucket === undefined) return held === null ? NOTHING : unmanaged(name, held, released.has(name));
      if (held === null) return missing(bucket);
      const { differences, waiting: waits } = compareBucket(bucket, model.stage, held, tiers);
      waiting.push(...waits);
      const targets = "value" in live.targets ? live.targets.value : undefined;
      const copied = targets === undefined ? [] : compareReplication(bucket, remotes, held.replication, targets);
      return { findings: [...differences, ...copied].map((each) => settingFinding(bucket, each)), notLooked: [] };
    }),
  );
  const all = where(live.bucketList, "bucket", null, () => NOTHING);
  return { ...together([...parts, all]), waiting };
}

function missing({ name, platform }: Bucket): Compared {
  const message = "missing, the server has no such bucket";
  const found = finding("missing", { kind: "bucket", name }, { severity: "high", platform, message });
  return { findings: [found], notLooked: [] };
}

function unmanaged(name: string, held: LiveBucket, released: boolean): Compared {
  const message = released ? "in no spec; released: a stack of this checkout made it and left it" : "in no spec";
  const actual = released ? "released" : "present";
  const found = finding("unmanaged", { kind: "bucket", name }, { severity: "medium", platform: null, actual, message });
  const { public: open } = rightsChange(undefined, held.settings.policy);
  if (open.length === 0) return { findings: [found], notLooked: [] };
  const grant = {
    severity: "critical" as const,
    platform: null,
    path: "policy",
    actual: [...open],
    message: sentence(open),
  };
  return { findings: [found, finding("unmanaged", { kind: "public grant", name }, grant)], notLooked: [] };
}

function settingFinding(bucket: Bucket, difference: Difference): Finding {
  if (difference.setting === "policy") return policyFinding(bucket, difference);
  const { name, platform } = bucket;
  const { path, expected, actual } = difference;
  const message = findingLine({ bucket: name, ...difference }).slice(name.length + 1);
  const sides = { path, expected: plain(expected), actual: plain(actual) };
  return finding(
    "changed",
    { kind: "bucket", name },
    { severity: bucketRisk(difference), platform, ...sides, message },
  );
}

function policyFinding({ name, platform }: Bucket, { expected, actual }: Difference): Finding {
  const change = rightsChange(document(expected), document(actual));
  const open = change.public.length > 0;
  const { more, less } = change;
  const severity = open ? "critical" : more.length > 0 ? "high" : "medium";
  const message = sentence(more, less);
  const of = { severity, platform, path: "policy", expected: plain(expected), actual: plain(actual), message } as const;
  return finding("changed", { kind: open ? "public grant" : "bucket", name }, of);
}

/** `policy: anyone may s3:GetObject on ...; no longer: ...`. */
function sentence(more: readonly string[], less: readonly string[] = []): string {
  return `policy: ${[...more, ...less].join("; ")}`;
}

function document(value: unknown): PolicyDocument | undefined {
  return value === null ? undefined : (value as PolicyDocument);
}

/** Settings are plain JSON; comparing reads them as unknown. */
function plain(value: unknown): Finding["expected"] {
  return value as Finding["expected"];
}
