import { expect, test } from "vitest";
import type { ReportFinding } from "../../report/schema.ts";
import { bucketScore, meanScore, SETTING_CHECKS } from "../../report/score.ts";
import { percentile } from "../../report/summary.ts";

function finding(check: string, severity: ReportFinding["severity"] = "warning"): ReportFinding {
  return { severity, check, path: check, expected: "this", actual: "that", cure: "do it" };
}

test("a bucket in which nothing is wrong has 100", () => {
  expect(bucketScore(SETTING_CHECKS, [])).toEqual({
    status: "healthy",
    health_score: 100,
    checks_made: 8,
    checks_failed: 0,
  });
});

test("each check that failed takes its share, however many findings it has", () => {
  const findings = [finding("tags"), finding("tags"), finding("quota")];
  expect(bucketScore(SETTING_CHECKS, findings)).toMatchObject({ health_score: 75, checks_made: 8, checks_failed: 2 });
});

test("a check beyond the usual ones counts as made where it failed", () => {
  expect(bucketScore(SETTING_CHECKS, [finding("identities")])).toMatchObject({ checks_made: 9, health_score: 88.8 });
});

test("a critical finding takes everything", () => {
  const score = bucketScore(SETTING_CHECKS, [finding("policy", "critical")]);
  expect(score).toMatchObject({ status: "unhealthy", health_score: 0, checks_failed: 1 });
});

test.each([
  [[100, 100], 100],
  [[100, 100, 0], 66.6],
  [[100, null], 50],
  [[99.9, 99.9, 99.9], 99.9],
  [[...Array(9999).fill(100), 87.5], 99.9],
  [[null, null], null],
  [[], null],
])("the score of %j is %j", (scores, mean) => {
  const buckets = scores.map((health_score) => ({ health_score }));
  expect(meanScore(buckets)).toBe(mean);
});

test("a percentile is a value that was seen, and of nothing there is none", () => {
  expect(percentile([5, 1, 3], 50)).toBe(3);
  expect(percentile([1, 2, 3, 4], 95)).toBe(4);
  expect(percentile([7], 95)).toBe(7);
  expect(percentile([], 95)).toBeNull();
});
