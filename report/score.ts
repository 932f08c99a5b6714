import type { ReportBucket, ReportFinding } from "./schema.ts";

/** What every bucket is compared in; the tries of identities come on top where there were some. */
export const SETTING_CHECKS = [
  "exists",
  "versioning",
  "tags",
  "lifecycle",
  "object_lock",
  "encryption",
  "policy",
  "quota",
] as const;

/** As the report, `--help` and docs/reports.md say it. */
export const SCORE_FORMULA =
  "a bucket: 100 x (checks_made - checks_failed) / checks_made, and 0 where a finding is critical (it is missing, open to anyone, took a forged write, or an identity may more in it than its spec says); overall: the mean over all buckets, rounded down to one decimal, where a bucket that could not be looked at counts 0; healthy is 100";

export type Score = Pick<ReportBucket, "status" | "health_score" | "checks_made" | "checks_failed">;

/**
 * The score of one bucket.
 * @param checks what was looked at; each counts once, however often it failed
 */
export function bucketScore(checks: readonly string[], findings: readonly ReportFinding[]): Score {
  const made = new Set(checks);
  for (const { check } of findings) made.add(check);
  const failed = new Set(findings.map(({ check }) => check)).size;
  const critical = findings.some(({ severity }) => severity === "critical");
  const score = made.size === 0 || critical ? 0 : (100 * (made.size - failed)) / made.size;
  return {
    status: failed === 0 ? "healthy" : "unhealthy",
    health_score: roundedDown(score),
    checks_made: made.size,
    checks_failed: failed,
  };
}

/** The score of many: null where none of them could be looked at. */
export function meanScore(buckets: readonly Pick<ReportBucket, "health_score">[]): number | null {
  if (buckets.every(({ health_score }) => health_score === null)) return null;
  const sum = buckets.reduce((total, { health_score }) => total + (health_score ?? 0), 0);
  return roundedDown(sum / buckets.length);
}

/** To one decimal; the least that sums of doubles are off by doesn't take a tenth. */
function roundedDown(score: number): number {
  return Math.floor(score * 10 + 1e-6) / 10;
}
