import { expect, test } from "vitest";
import { withCosts } from "../../report/cost.ts";
import { NO_CONTENTS } from "../../report/parts.ts";
import { reportOf } from "../../report/report.ts";
import { modelOf } from "../support/spec.ts";

const GIB = 2 ** 30;
const { platforms } = modelOf("bucket_groups: {trial: {buckets: [{name: raw-data}, {name: reports}]}}");
const AT = new Date("2026-11-30T12:00:00Z");
const none = { reason: "not asked for" };

function report(stage = "dev") {
  const usage = {
    bytes: 10 * GIB,
    objects: 4,
    versions: 4,
    source: "listing",
    at: AT.toISOString(),
    complete: true,
  } as const;
  const ages = [
    { from_days: 0, to_days: 30, bytes: 4 * GIB, objects: 1 },
    { from_days: 30, to_days: null, bytes: 6 * GIB, objects: 3 },
  ];
  return reportOf(
    {
      ...{ began: AT, ended: new Date(AT.getTime() + 1234), stage, stack: stage, platforms },
      server: { url: "http://server:9000", kind: null, version: null },
      verified: {
        ...{ stage, server: "http://server:9000", buckets: 2, findings: [], waiting: [], identities: null },
        notRead: [{ bucket: "reports", platform: "a", reason: "it may not" }],
        forged: { tries: 0, findings: [], untried: [], notTried: [], left: [] },
      },
      ...{ tried: new Set<string>(), answers: new Map([["raw-data", [3, 1, 2]]]) },
      contents: new Map([["raw-data", { ...NO_CONTENTS, usage, ages }]]),
      ...{
        access: none,
        drift: none,
        backups: none,
        database_backups: none,
        replication: none,
        alerts: none,
        not_looked: [],
      },
    },
    [],
  );
}

test("a report counts a bucket that it couldn't look at as 0, and names each thing not looked at once", () => {
  const found = report();
  expect(found).toMatchObject({
    ...{ overall_health_score: 50, total_buckets: 2, healthy_buckets: 1, unhealthy_buckets: 1, duration_seconds: 1.2 },
    platforms: [{ health_score: 50, bytes: 10 * GIB, objects: 4 }],
  });
  expect(found.buckets.map(({ status, probe_latency_ms: latency }) => [status, latency])).toEqual([
    ["healthy", 2],
    ["unknown", null],
  ]);
  expect(found.not_looked.map(({ what }) => what)).toEqual([
    "access",
    "drift",
    "backups",
    "database backups",
    "replication",
    "alerts",
    "tries of identities",
  ]);
  expect(found.trend).toEqual([
    expect.objectContaining({ overall_health_score: 50, bytes: 10 * GIB, latency_ms: 2, drift_findings: null }),
  ]);
});

test("a price tells what a bucket costs a month, and what its older part does", () => {
  const found = withCosts(report(), 0.02);
  expect(found).toMatchObject({ price_per_gib_month: 0.02, platforms: [{ cost_per_month: 0.2 }] });
  expect(found.buckets[0]).toMatchObject({
    cost_per_month: 0.2,
    suggestions: ["keeping what is older than 30 days costs 0.12 a month"],
  });
  expect(found.buckets[1]).not.toHaveProperty("cost_per_month");
});
