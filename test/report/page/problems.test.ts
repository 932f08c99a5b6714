import { expect, test } from "vitest";
import { problemsOf } from "../../../report/page/problems.ts";
import { aBucket, aReport } from "./sample-reports.ts";
import { anEmptyReport } from "./unusual-reports.ts";

const titles = (report: Parameters<typeof problemsOf>[0]): string[] => problemsOf(report).map(({ title }) => title);

const DRILL = { max_drill_age_days: 35, drill_overdue: false };

test("what is critical comes first, and one cause in many buckets is told once", () => {
  const problems = problemsOf(aReport());
  expect(problems[0]).toMatchObject({ severity: "critical", title: "open to anyone" });
  const versioning = problems.filter(({ title }) => title === "versioning");
  expect(versioning).toHaveLength(1);
  expect(versioning[0]?.places.map(({ label }) => label)).toEqual([
    "platforms/usdcop.yaml: buckets.raw.versioning",
    "platforms/dataops.yaml: buckets.staging.versioning",
  ]);
});

test("findings, unknown buckets, quotas, rights, drift, backups and alerts are all among them", () => {
  expect(titles(aReport()).toSorted()).toEqual([
    "alert ObjectStorageNearlyFull fires",
    "backup is too old",
    "copies on another server are behind",
    "could not be looked at",
    "drift: unmanaged",
    "lifecycle",
    "no restore was tried for long",
    "open to anyone",
    "quota is nearly used up",
    "rights: tries disagree with the policies",
    "versioning",
    "what was restored isn't what was backed up",
  ]);
  expect(problemsOf(anEmptyReport())).toEqual([]);
});

test("a setting of a bucket is told once, though drift has it, too; of one that wasn't judged drift alone tells", () => {
  const found = {
    severity: "warning",
    check: "bucket",
    path: "versioning",
    expected: "on",
    actual: "off",
    cure: "c",
  } as const;
  const drift = { findings: [{ ...found, name: "orders", kind: "changed" }] };
  const own = { status: "unhealthy", findings: [{ ...found, check: "versioning" }] } as const;
  const of = (bucket: Parameters<typeof aBucket>[0], check = "bucket") => ({
    ...anEmptyReport(),
    buckets: [aBucket({ quota: null, ...bucket })],
    drift: { findings: drift.findings.map((each) => ({ ...each, check })) },
  });
  expect(titles(of({ ...own, findings: [...own.findings] }))).toEqual(["versioning"]);
  expect(titles(of({ status: "unknown" }))).toEqual(["could not be looked at", "drift: bucket"]);
  expect(titles(of({}, "replication"))).toEqual(["drift: replication"]);
});

test("a quota that is used up and a backup that was never made are critical", () => {
  const report = {
    ...anEmptyReport(),
    buckets: [
      aBucket({ quota: { bytes: 10, used_percent: 100 } }),
      aBucket({ quota: { bytes: 10, used_percent: 84.9 } }),
    ],
    backups: {
      entries: [{ name: "nightly", platform: "shop", drill: null, last_at: null, max_age_hours: 26, ...DRILL }],
    },
  };
  expect(problemsOf(report).map(({ severity, title }) => `${severity}: ${title}`)).toEqual([
    "critical: quota is used up: writes are refused",
    "critical: backup was never made",
  ]);
});

test("a drill that is overdue is a problem, also where none was ever made", () => {
  const overdue = (drill: null) => ({
    ...anEmptyReport(),
    backups: {
      entries: [
        {
          name: "nightly",
          platform: "shop",
          last_at: "2026-11-28T07:00:00Z",
          max_age_hours: 26,
          ...DRILL,
          drill,
          drill_overdue: true,
        },
      ],
    },
  });
  const [problem] = problemsOf(overdue(null));
  expect(problem).toMatchObject({ severity: "warning", title: "no restore was tried for long" });
  expect(problem?.places).toMatchObject([{ label: "nightly", expected: "within 35 days", actual: "never" }]);
});

test("a backup is in time up to its hours, and too old after them", () => {
  const aged = (last_at: string) => ({
    ...anEmptyReport(),
    backups: { entries: [{ name: "nightly", platform: "shop", drill: null, last_at, max_age_hours: 26, ...DRILL }] },
  });
  expect(titles(aged("2026-11-28T07:00:00Z"))).toEqual([]);
  expect(titles(aged("2026-11-28T06:59:59Z"))).toEqual(["backup is too old"]);
});
