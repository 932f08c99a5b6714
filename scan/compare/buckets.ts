import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { Bucket, ResolvedModel } from "../../config/model.ts";
import { compareSettings, type Difference } from "../../live/compare-settings.ts";
import type { LiveBucket, LiveServer } from "../../live/live-server.ts";
import type { PolicyDocument } from "../../provider/settings.ts";
import type { WaitingRule } from "../../verify/verify.ts";
import { findingLine } from "../../verify/words.ts";
import type { Finding } from "../finding.ts";
import { bucketRisk } from "./bucket-risk.ts";
import { type Compared, finding, NOTHING, together, where } from "./findings.ts";
import { rightsChange } from "./rights.ts";

export type ComparedBuckets = Compared & { readonly waiting: readonly WaitingRule[] };

/**
 * Every bucket of the model, and every one of the server that is in no model.
 * @param released names of buckets that a stack of ours once made and left on the server
 */
export function compareBuckets(model: ResolvedModel, live: LiveServer, released: ReadonlySet<string>): ComparedBuckets {
  const own = new Map(
    model.platforms.flatMap(({ buckets }) => buckets.map((bucket) => [bucket.name, bucket] as const)),
  );
  const waiting: WaitingRule[] = [];
  const parts = [...live.buckets].map(([name, look]) =>
    where(look, "bucket", name, (held) => {
      const bucket = own.get(name);
      if (bucket === undefined) return held === null ? NOTHING : unmanaged(name, held, released.has(name));
      if (held === null) return missing(bucket);
      const waits = waitingRules(bucket, held, live);
      waiting.push(...waits);
      return { findings: settings(bucket, held, model.stage, waits), notLooked: [] };
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

/** A rule waits where its tier isn't there; where tiers can't be read, where the rule isn't. */
function waitingRules({ name, platform, lifecycle }: Bucket, held: LiveBucket, { tiers }: LiveServer): WaitingRule[] {
  const known = "value" in tiers ? new Set(tiers.value) : undefined;
  const applied = new Set(held.settings.lifecycle.map(({ ID }) => ID));
  return lifecycle.flatMap(({ id, transition }) => {
    if (transition === null || (known?.has(transition.tier) ?? applied.has(id))) return [];
    return [{ bucket: name, platform, rule: id, tier: transition.tier }];
  });
}

function settings(bucket: Bucket, held: LiveBucket, stage: string, waiting: readonly WaitingRule[]): Finding[] {
  const lifecycle = bucket.lifecycle.filter(({ id }) => !waiting.some(({ rule }) => rule === id));
  const wanted = bucketInputs({ ...bucket, lifecycle }, stage);
  return compareSettings(wanted, held).map((difference) => {
    if (difference.setting === "policy") return policyFinding(bucket, difference);
    const { path, expected, actual } = difference;
    const line = findingLine({ bucket: bucket.name, platform: bucket.platform, ...difference });
    return finding(
      "changed",
      { kind: "bucket", name: bucket.name },
      {
        severity: bucketRisk(difference),
        platform: bucket.platform,
        path,
        expected: plain(expected),
        actual: plain(actual),
        message: line.slice(bucket.name.length + 1),
      },
    );
  });
}

function policyFinding({ name, platform }: Bucket, { expected, actual }: Difference): Finding {
  const change = rightsChange(document(expected), document(actual));
  const open = change.public.length > 0;
  const { more, less } = change;
  const severity = open ? "critical" : more.length > 0 ? "high" : less.length > 0 ? "medium" : "low";
  const message = sentence(more, less);
  const of = { severity, platform, path: "policy", expected: plain(expected), actual: plain(actual), message } as const;
  return finding("changed", { kind: open ? "public grant" : "bucket", name }, of);
}

/** `policy: anyone may s3:GetObject on ...; no longer: ...`. */
function sentence(more: readonly string[], less: readonly string[] = []): string {
  const parts = [...more, ...less.map((right) => `no longer: ${right}`)];
  return `policy: ${parts.length > 0 ? parts.join("; ") : "another text with the same rights"}`;
}

function document(value: unknown): PolicyDocument | undefined {
  return value === null ? undefined : (value as PolicyDocument);
}

/** Settings are plain JSON; comparing reads them as unknown. */
function plain(value: unknown): Finding["expected"] {
  return value as Finding["expected"];
}
