import type { Bucket } from "../config/model.ts";
import type { VerifyReport } from "../verify/buckets.ts";
import { forgedFindings, identityFinding, settingFinding } from "./findings.ts";
import { NO_CONTENTS, type Parts } from "./parts.ts";
import type { ReportBucket, ReportFinding } from "./schema.ts";
import { bucketScore, type Score, SETTING_CHECKS } from "./score.ts";
import { percentile } from "./summary.ts";

const UNKNOWN: Score = { status: "unknown", health_score: null, checks_made: 0, checks_failed: 0 };

/** Each bucket of the platforms, judged; in the order of the model. */
export function reportBuckets(parts: Parts): ReportBucket[] {
  const found = findingsByBucket(parts);
  const reasons = new Map(parts.verified.notRead.map(({ bucket, reason }) => [bucket, reason]));
  return parts.platforms.flatMap(({ buckets }) =>
    buckets.map((bucket) =>
      reportBucket(bucket, found.get(bucket.name) ?? [], reasons.get(bucket.name) ?? null, parts),
    ),
  );
}

function reportBucket(
  bucket: Bucket,
  findings: ReportFinding[],
  notLooked: string | null,
  { tried, answers, contents }: Parts,
): ReportBucket {
  const { name, platform, layer, quotaBytes } = bucket;
  const checks = [...SETTING_CHECKS, ...(tried.has(name) ? ["identities"] : [])];
  const inside = contents.get(name) ?? NO_CONTENTS;
  return {
    ...{ name, platform, layer },
    ...(notLooked === null ? bucketScore(checks, findings) : UNKNOWN),
    findings,
    not_looked: notLooked,
    probe_latency_ms: notLooked === null ? rounded(percentile(answers.get(name) ?? [], 50)) : null,
    quota: headRoom(quotaBytes, inside.usage),
    ...inside,
  };
}

function headRoom(bytes: number | null, usage: ReportBucket["usage"]): ReportBucket["quota"] {
  if (bytes === null || usage === null) return null;
  return { bytes, used_percent: Math.round((usage.bytes / bytes) * 1000) / 10 };
}

function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 10) / 10;
}

function findingsByBucket({ verified, stack }: Parts): Map<string, ReportFinding[]> {
  const found = new Map<string, ReportFinding[]>();
  const add = (bucket: string, finding: ReportFinding): void => {
    const known = found.get(bucket);
    if (known === undefined) found.set(bucket, [finding]);
    else known.push(finding);
  };
  const settings: VerifyReport["findings"] = verified.findings;
  for (const each of settings) add(each.bucket, settingFinding(each, stack));
  for (const each of verified.identities?.findings ?? []) {
    if (each.bucket !== null) add(each.bucket, identityFinding(each, stack));
  }
  for (const { bucket, finding } of forgedFindings(verified.forged)) add(bucket, finding);
  return found;
}
