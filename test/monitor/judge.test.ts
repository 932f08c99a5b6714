import { expect, test } from "vitest";
import type { Platform } from "../../config/model.ts";
import { resolveAlerting } from "../../config/resolve/alerting.ts";
import { isOfNone, judge, judgeUnreachable } from "../../monitor/judge.ts";
import type { Report, ReportBucket, ReportFinding, RunSummary } from "../../report/schema.ts";

const platform = (name: string, alerting: Parameters<typeof resolveAlerting>[0] = {}) =>
  ({ name, alerting: resolveAlerting(alerting) }) as Platform;
const finding = (severity: ReportFinding["severity"]): ReportFinding => ({
  severity,
  check: "versioning",
  path: "p",
  expected: "on",
  actual: "off",
  cure: "c",
});
const bucket = (name: string, over: Partial<ReportBucket> = {}): ReportBucket => ({
  name,
  platform: "shop",
  layer: null,
  status: over.findings === undefined ? "healthy" : "unhealthy",
  health_score: 100,
  checks_made: 8,
  checks_failed: 0,
  findings: [],
  not_looked: null,
  probe_latency_ms: 5,
  usage: null,
  quota: null,
  prefixes: [],
  ages: [],
  expires: [],
  suggestions: [],
  ...over,
});
const NOW = "2026-01-02T00:00:00.000Z";
const none = { reason: "not looked at" };

function report(over: Partial<Report> = {}): Report {
  const buckets = over.buckets ?? [bucket("orders")];
  return {
    schemaVersion: 1,
    generated_at: NOW,
    duration_seconds: 1,
    stage: "dev",
    server: { url: "http://s", kind: null, version: null },
    overall_health_score: 100,
    score_formula: "",
    total_buckets: buckets.length,
    healthy_buckets: buckets.length,
    unhealthy_buckets: 0,
    platforms: [{ name: "shop", health_score: 50, total_buckets: 1, unhealthy_buckets: 0, bytes: null, objects: null }],
    buckets,
    findings: [],
    ...{ access: none, drift: none, backups: none, database_backups: none, replication: none, alerts: none },
    trend: [],
    not_looked: [],
    ...over,
  };
}

const run = (at: string, score: number | null): RunSummary => ({
  at,
  stage: "dev",
  server: "http://s",
  overall_health_score: score,
  total_buckets: 1,
  unhealthy_buckets: 0,
  bytes: null,
  latency_ms: null,
  drift_findings: null,
});

const names = (given: Report, alerting: Parameters<typeof resolveAlerting>[0] = {}, earlier: RunSummary[] = []) =>
  judge(given, [platform("shop", alerting)], earlier).firing.map(({ name, severity }) => `${name} ${severity}`);

const NIGHTLY = {
  ...{ name: "nightly", platform: "shop", drill: null, last_at: "2026-01-01T23:00:00Z", max_age_hours: 24 },
  ...{ max_drill_age_days: 35, drill_overdue: false },
};

test("M-051: unhealthy buckets, slow reads, a fallen score, quota, drift and old backups are told, and nothing where all is right", () => {
  expect(names(report())).toEqual([]);
  const bad = report({
    overall_health_score: 80,
    buckets: [
      bucket("a", { findings: [finding("warning")], probe_latency_ms: 1001, quota: { bytes: 1, used_percent: 80 } }),
      bucket("b", { findings: [finding("critical")] }),
    ],
    drift: { findings: [{ ...finding("warning"), name: "stray", kind: "bucket" }] },
    backups: { entries: [{ ...NIGHTLY, last_at: null }] },
  });
  expect(names(bad, {}, [run("2026-01-01T12:00:00Z", 100)])).toEqual([
    "BucketsUnhealthy critical",
    "BucketsUnhealthy warning",
    "ProbesSlow warning",
    "ScoreDropped warning",
    "BucketNearlyFull warning",
    "DriftFound warning",
    "BackupTooOld critical",
  ]);
});

test("the thresholds are those of the platform's file", () => {
  const one = report({ buckets: [bucket("a", { findings: [finding("warning")], probe_latency_ms: 60 })] });
  expect(names(one, { monitor: { unhealthy_buckets: 2 } })).toEqual([]);
  expect(names(one, { monitor: { unhealthy_buckets: 2, latency_ms: 50 } })).toEqual(["ProbesSlow warning"]);
  const critical = report({ buckets: [bucket("a", { findings: [finding("critical")] })] });
  expect(names(critical, { monitor: { unhealthy_buckets: 9 } })).toEqual(["BucketsUnhealthy critical"]);
  const fallen = report({ overall_health_score: 95 });
  expect(names(fallen, { monitor: { score_drop: 5 } }, [run("2026-01-01T23:00:00Z", 100)])).toEqual([
    "ScoreDropped warning",
  ]);
  expect(names(fallen, { monitor: { score_drop: 6 } }, [run("2026-01-01T23:00:00Z", 100)])).toEqual([]);
  expect(names(fallen, { monitor: { score_drop: 5 } }, [run("2025-12-31T23:00:00Z", 100)])).toEqual([]);
  const fresh = { ...NIGHTLY, last_at: "2026-01-01T01:00:00Z" };
  expect(names(report({ backups: { entries: [fresh] } }))).toEqual([]);
  expect(names(report({ backups: { entries: [{ ...fresh, max_age_hours: 22 }] } }))).toEqual(["BackupTooOld critical"]);
});

test("a drill that failed is told with its reason, one that passed isn't", () => {
  const drill = (passed: boolean) => ({
    ...{ at: "2026-01-01T02:00:00Z", passed, sample: true, objects: 1, bytes: 1, loss_seconds: 0, duration_seconds: 1 },
    failure: passed ? null : "1 object has another content",
  });
  const of = (passed: boolean) =>
    report({
      backups: {
        entries: [{ ...NIGHTLY, drill: drill(passed) }],
      },
    });
  expect(judge(of(false), [platform("shop", {})], []).firing).toMatchObject([
    {
      name: "BackupDrillFailed",
      severity: "critical",
      summary: expect.stringContaining("1 object has another content"),
    },
  ]);
  expect(names(of(true))).toEqual([]);
});

test("a drill that is overdue is told, also one that was never made", () => {
  const of = (at: string | null, drill_overdue: boolean) => {
    const passed = { passed: true, sample: true, objects: 1, bytes: 1, loss_seconds: 0, duration_seconds: 1 };
    const drill = at === null ? null : { ...passed, at, failure: null };
    return report({ backups: { entries: [{ ...NIGHTLY, drill, drill_overdue }] } });
  };
  const told = (since: string) => [
    {
      ...{ name: "BackupDrillOverdue", severity: "warning", platform: "shop" },
      summary: `No restore was tried for 35 days: nightly (${since}).`,
    },
  ];
  const at = "2025-11-27T23:59:00Z";
  expect(judge(of(at, true), [platform("shop", {})], []).firing).toEqual(told(`last at ${at}`));
  expect(judge(of(null, true), [platform("shop", {})], []).firing).toEqual(told("never"));
  expect(names(of(at, false))).toEqual([]);
  expect(names(of(null, false))).toEqual([]);
});

test("a platform without alerting is told of nothing, and others only of their own buckets", () => {
  const bad = report({ buckets: [bucket("a", { findings: [finding("critical")] })] });
  const silent = { ...platform("shop"), alerting: null } as Platform;
  expect(judge(bad, [silent, platform("lab")], []).firing).toEqual([]);
  expect(judgeUnreachable("away", [silent]).firing).toEqual([]);
});

test("a run that could look at nothing says only that, and ends nothing else; what wasn't looked at stays as it was", () => {
  const { firing, isJudged } = judgeUnreachable("connection refused", [platform("shop")]);
  expect(firing).toEqual([
    {
      name: "StorageUnreachable",
      severity: "critical",
      platform: "shop",
      summary: "The storage of shop can't be looked at: connection refused",
    },
  ]);
  expect(isJudged({ name: "BucketsUnhealthy", severity: "critical", platform: "shop" })).toBe(false);
  const seen = judge(report(), [platform("shop")], []);
  const judged = (name: string) => seen.isJudged({ name, severity: "critical", platform: "shop" });
  expect(["StorageUnreachable", "BucketsUnhealthy", "DriftFound", "BackupTooOld"].map(judged)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(seen.isJudged({ name: "BucketsUnhealthy", severity: "critical", platform: "lab" })).toBe(false);
});

test("what one run couldn't see of a platform isn't over: a bucket that isn't read, sizes and tries that aren't there", () => {
  const away = { status: "unknown", not_looked: "no answer in 15 s", probe_latency_ms: null } as const;
  const half = report({ buckets: [bucket("a"), bucket("b", away), bucket("c", { platform: "lab" })] });
  const whole = report({
    buckets: [bucket("a", away), bucket("c", { platform: "lab", quota: { bytes: 1, used_percent: 1 } })],
    not_looked: [{ what: "tries of identities", reason: "not asked for" }],
  });
  const judged = (given: Report, name: string, severity: "critical" | "warning", of = "shop") =>
    judge(given, [platform("shop"), platform("lab")], []).isJudged({ name, severity, platform: of });
  expect(judged(half, "BucketsUnhealthy", "critical")).toBe(false);
  expect(judged(half, "BucketsUnhealthy", "warning")).toBe(true);
  expect(judged(half, "BucketsUnhealthy", "critical", "lab")).toBe(true);
  expect([judged(half, "ProbesSlow", "warning"), judged(whole, "ProbesSlow", "warning")]).toEqual([true, false]);
  expect(["shop", "lab"].map((of) => judged(whole, "BucketNearlyFull", "warning", of))).toEqual([false, true]);
  expect([judged(half, "AccessUnsafe", "critical"), judged(whole, "AccessUnsafe", "critical")]).toEqual([true, false]);
});

test("a bucket that could never be read keeps no alert of others alive, nor does one that left the files: those that were critical have to be seen", () => {
  const refused = { status: "unknown", not_looked: "denied", probe_latency_ms: null } as const;
  const critical = report({ buckets: [bucket("open", { findings: [finding("critical")] }), bucket("never", refused)] });
  const [alert] = judge(critical, [platform("shop")], []).firing;
  expect(alert).toMatchObject({ name: "BucketsUnhealthy", severity: "critical", buckets: ["open"] });
  const isOver = (...buckets: ReportBucket[]) =>
    alert !== undefined && judge(report({ buckets }), [platform("shop")], []).isJudged(alert);
  expect(isOver(bucket("open"), bucket("never", refused))).toBe(true);
  expect(isOver(bucket("never", refused))).toBe(true);
  expect(isOver(bucket("open", refused), bucket("never"))).toBe(false);
});

test("drift of a bucket's settings is told as unhealthy alone, of its replication or of who has its name as drift", () => {
  const drift = (check: string) => ({
    findings: [{ ...finding("critical"), check, name: "orders", kind: "unmanaged" }],
  });
  expect(names(report({ drift: drift("bucket") }))).toEqual([]);
  const { firing } = judge(report({ drift: drift("replication") }), [platform("shop")], []);
  expect(firing.map(({ name, summary }) => [name, summary])).toEqual([
    ["DriftFound", "The server differs from the files: unmanaged replication orders."],
  ]);
});

test("an alert of a platform that left the files, or wants to be told nothing any more, is over", () => {
  const silent = { ...platform("lab"), alerting: null } as Platform;
  const isOver = isOfNone([platform("shop"), silent]);
  const of = (name: string) => isOver({ name: "DriftFound", severity: "warning", platform: name });
  expect(["shop", "lab", "gone"].map(of)).toEqual([false, true, true]);
});
