import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { durationText } from "../../builders/monitoring/alert.ts";
import { prometheusRules } from "../../builders/monitoring/prometheus-rule.ts";
import type { Platform } from "../../config/model.ts";
import { platform as platformNamed } from "../support/platforms.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const server = { namespace: "mlops", service: "minio-service", monitoringLabels: {} };
const rulesOf = (platform: Platform) => prometheusRules({ platform, server });

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function groups(platform: Platform): { name: string; rules: Rule[] }[] {
  const [manifest] = rulesOf(platform);
  return (manifest?.spec as { groups: { name: string; rules: Rule[] }[] } | undefined)?.groups ?? [];
}
const all = (platform: Platform): Rule[] => groups(platform).flatMap(({ rules }) => rules);

test.each(["usdcop", "ml-security"])("the alerts of %s (make golden writes them)", async (name) => {
  await expect(`${JSON.stringify(rulesOf(platformNamed(name)), null, 2)}\n`).toMatchFileSnapshot(
    join(GOLDEN, `${name}.alerts.json`),
  );
});

test("U-085, M-051: there are three classes, failures, capacity and compliance, and none of them is empty", () => {
  for (const name of ["usdcop", "ml-security"]) {
    const found = groups(platformNamed(name));
    expect(found.map((group) => group.name)).toEqual(["failures", "capacity", "compliance"]);
    for (const { rules } of found) expect(rules.length).toBeGreaterThan(0);
  }
});

test("U-106: alerts on what stops work are critical, and each one has its section in the runbook", () => {
  const runbook = readFileSync(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");
  const alerts = all(platformNamed("usdcop"));
  const critical = alerts.filter(({ labels }) => labels.severity === "critical").map(({ alert }) => alert);
  expect(critical).toEqual([
    "ObjectStorageSilent",
    "ObjectStorageUnhealthy",
    "RequestsFail",
    "ServerNearlyFull",
    "BucketsMissing",
  ]);
  for (const { alert, annotations } of alerts) {
    expect(annotations.runbook).toBe(`docs/monitoring.md#${alert.toLowerCase()}`);
    expect(runbook).toContain(`\n### ${alert}\n`);
  }
});

test.each([
  ["USD_Cop", "usd-cop-object-storage"],
  ["a_.b", "a.b-object-storage"],
])("platform %s has rules of a name that DNS knows", (name, expected) => {
  expect(rulesOf({ ...platformNamed("usdcop"), name })[0]?.metadata.name).toBe(expected);
});

test("thresholds are those of the file", () => {
  const usdcop = platformNamed("usdcop");
  if (usdcop.alerting === null) throw new Error("usdcop asks for no alerts");
  const alerting = {
    ...usdcop.alerting,
    failures: { errorPercent: 3, forSeconds: 90 },
    capacity: { quotaPercent: 71, freePercent: 22 },
    compliance: { validationMaxAgeSeconds: 7200 },
  };
  const rule = (name: string): Rule | undefined => all({ ...usdcop, alerting }).find(({ alert }) => alert === name);
  expect(rule("RequestsFail")).toMatchObject({ expr: expect.stringMatching(/ > 3$/), for: "1m30s" });
  expect(rule("BucketNearQuota")?.expr).toMatch(/ > 71$/);
  expect(rule("ServerNearlyFull")?.expr).toMatch(/ < 22$/);
  expect(rule("ValidationStale")?.expr).toMatch(/ > 7200$/);
  expect(rule("ValidationNeverRan")?.for).toBe("2h");
});

test("only the platform's own buckets count, and only on its own server", () => {
  const platform = platformNamed("usdcop");
  for (const { expr } of all(platform)) {
    for (const [, labels] of expr.matchAll(/minio_\w+\{([^}]*)\}/g)) {
      expect(labels).toContain('namespace="mlops",job="minio-service"');
    }
    for (const [, names = ""] of expr.matchAll(/bucket=~"([^"]*)"/g)) {
      expect(names.split("|")).toEqual(platform.buckets.map(({ name }) => name));
    }
  }
});

test("without a workload that validates, nobody is told that nobody validates", () => {
  const alerts = all({ ...platformNamed("usdcop"), workloads: [] }).map(({ alert }) => alert);
  expect(alerts).toContain("BucketsMissing");
  expect(alerts.filter((alert) => alert.startsWith("Validation"))).toEqual([]);
});

test("rules have the labels by which the operator's Prometheus chooses them", () => {
  const labelled = { ...server, monitoringLabels: { release: "kube-prometheus-stack" } };
  const [rule] = prometheusRules({ platform: platformNamed("usdcop"), server: labelled });
  expect(rule?.metadata.labels).toMatchObject({
    release: "kube-prometheus-stack",
    "app.kubernetes.io/part-of": "usdcop",
  });
});

test("a platform that asks for no alerts gets no object", () => {
  expect(rulesOf({ ...platformNamed("usdcop"), alerting: null })).toEqual([]);
});

test("durations are written as Prometheus reads them", () => {
  expect([0, 90, 600, 5400, 10_800].map(durationText)).toEqual(["0s", "1m30s", "10m", "1h30m", "3h"]);
});
