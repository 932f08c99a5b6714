import type { Report, ReportBucket, ReportFinding, RunSummary } from "../../../report/schema.ts";
import { NAMES } from "./sample-names.ts";

export const GIB = 2 ** 30;
const AT = "2026-11-29T09:00:00Z";
const FORMULA =
  "a bucket's score is 100 x (checks made - checks failed) / checks made, and 0 where a finding is critical; an unknown bucket counts 0; the overall score is the mean over all buckets, rounded down to one decimal";

export const ACTIONS = ["list", "read", "write", "delete", "inspect"];

/** Always the same figure between 0 and 1 for the same number. */
const noise = (seed: number): number => (Math.sin(seed * 12.9898) * 43_758.5453) % 1 ** 2;
const chance = (seed: number): number => Math.abs(noise(seed));

export function finding(rest: Partial<ReportFinding>): ReportFinding {
  return {
    severity: "warning",
    check: "versioning",
    path: "platforms/usdcop.yaml: buckets.raw.versioning",
    expected: "enabled",
    actual: "suspended",
    cure: "run pulumi up --refresh, which writes the spec's setting again",
    ...rest,
  };
}

/** A bucket in which all is right. */
export function aBucket(rest: Partial<ReportBucket> = {}, seed = 1): ReportBucket {
  const bytes = Math.round(chance(seed) ** 3 * 900 * GIB) + 4 * 2 ** 20;
  const objects = Math.round(bytes / 3e6);
  const part = (share: number) => ({ bytes: Math.round(bytes * share), objects: Math.round(objects * share) });
  return {
    name: "orders",
    platform: "shop",
    layer: "raw",
    status: "healthy",
    health_score: 100,
    checks_made: 12,
    checks_failed: 0,
    findings: [],
    not_looked: null,
    probe_latency_ms: 3 + 9 * chance(seed + 5),
    usage: {
      bytes,
      objects,
      versions: Math.round(objects * 1.2),
      source: "server",
      at: "2026-11-29T08:41:00Z",
      complete: true,
    },
    quota: seed % 3 === 0 ? null : { bytes: 1024 * GIB, used_percent: (100 * bytes) / (1024 * GIB) },
    prefixes: ["symbol=USDCOP/timeframe=m5/", "symbol=USDCOP/timeframe=d1/", "quality/"].map((prefix, index) => ({
      prefix,
      ...part(0.6 / 2 ** index),
    })),
    ages: (
      [
        [0, 7, 0.12],
        [7, 30, 0.2],
        [30, 90, 0.28],
        [90, 365, 0.3],
        [365, null, 0.1],
      ] as const
    ).map(([from_days, to_days, share]) => ({ from_days, to_days, ...part(share) })),
    expires: [1, 7, 30, 90].map((within_days, index) => ({ within_days, ...part(0.01 * 2 ** index) })),
    suggestions: [],
    listed: { objects: Math.round(objects * 1.2), complete: seed % 5 !== 0 },
    ...rest,
  };
}

function run(day: number): RunSummary {
  const bad = day > 26 ? 3 : chance(day) > 0.75 ? 1 : 0;
  return {
    at: new Date(Date.parse(AT) - (29 - day) * 24 * 3_600_000).toISOString(),
    stage: "production",
    server: "https://minio.example.com:9000",
    overall_health_score: day > 26 ? 93.6 : 100 - bad * 1.6,
    total_buckets: 26,
    unhealthy_buckets: bad,
    bytes: Math.round((2200 + day * 24 + 40 * chance(day)) * GIB),
    latency_ms: 9 + 6 * chance(day + 3),
    drift_findings: bad,
  };
}

export function entries(): Extract<Report["access"], { entries: unknown }>["entries"] {
  return Object.entries(NAMES).flatMap(([platform, buckets], place) => [
    ...Array.from({ length: 11 }, (_, number) => number).flatMap((number) =>
      buckets
        .filter((_, index) => chance(place * 100 + number * 10 + index) > 0.45 || number === 0)
        .map((bucket, index) => ({
          identity: `${platform}-${["admin", "ingest", "prepare", "train", "serve", "audit", "report", "backup", "dashboards", "research", "notebooks"][number]}`,
          kind: number % 3 === 2 ? ("service_account" as const) : ("user" as const),
          platform,
          bucket,
          actions: number === 0 ? ACTIONS : ACTIONS.slice(0, 2 + ((number + index) % 3)),
          prefixes: number === 4 ? ["stage=production/"] : number === 7 ? ["type=weekly/", "type=monthly/"] : [],
          confirmed: place === 1 && number === 3 && index === 0 ? false : number === 9 ? null : true,
        })),
    ),
  ]);
}

/** Five platforms with 26 buckets and 52 identities; something of each kind is wrong. */
export function aReport(rest: Partial<Report> = {}): Report {
  let seed = 0;
  const buckets = Object.entries(NAMES).flatMap(([platform, names]) =>
    names.map((name) => aBucket({ name, platform, layer: name.includes("raw") ? "raw" : "results" }, ++seed)),
  );
  const change = (name: string, changes: Partial<ReportBucket>): void => {
    const index = buckets.findIndex((bucket) => bucket.name === name);
    buckets[index] = { ...aBucket({}, index + 1), ...buckets[index], ...changes } as ReportBucket;
  };
  const unversioned = { status: "unhealthy" as const, health_score: 91.6, checks_failed: 1, findings: [finding({})] };
  change("02-l2-ds-usdcop-prep", unversioned);
  change("dataops-staging", {
    ...unversioned,
    findings: [finding({ path: "platforms/dataops.yaml: buckets.staging.versioning" })],
  });
  change("cybersec-quarantine", {
    status: "unhealthy",
    health_score: 0,
    checks_failed: 2,
    findings: [
      finding({
        severity: "critical",
        check: "open to anyone",
        path: "bucket cybersec-quarantine: policy",
        expected: "no policy",
        actual: "anyone may read objects",
        cure: "remove the bucket policy (mc anonymous set none), then run pulumi up --refresh",
      }),
      finding({
        check: "lifecycle",
        path: "platforms/cybersec.yaml: buckets.quarantine.lifecycle",
        expected: "expire after 90 days",
        actual: "no rule",
      }),
    ],
  });
  change("mlops-features", {
    status: "unknown",
    health_score: null,
    checks_made: 0,
    not_looked: "the server refused the scanner's key: AccessDenied",
    usage: null,
    quota: null,
    probe_latency_ms: null,
    prefixes: [],
    ages: [],
    expires: [],
    listed: null,
  });
  change("mlflow-artifacts", { quota: { bytes: 200 * GIB, used_percent: 93.4 } });
  change("00-raw-usdcop-marketdata", {
    suggestions: ["expire_days 365 would free 87.4 GiB (31,204 objects)"],
  });
  const platforms = Object.keys(NAMES).map((name) => {
    const own = buckets.filter(({ platform }) => platform === name);
    const sum = (of: (bucket: ReportBucket) => number): number => own.reduce((all, bucket) => all + of(bucket), 0);
    return {
      name,
      health_score: Math.floor((10 * sum(({ health_score }) => health_score ?? 0)) / own.length) / 10,
      total_buckets: own.length,
      unhealthy_buckets: own.filter(({ status }) => status !== "healthy").length,
      bytes: sum(({ usage }) => usage?.bytes ?? 0),
      objects: sum(({ usage }) => usage?.objects ?? 0),
    };
  });
  return {
    schemaVersion: 1,
    generated_at: AT,
    duration_seconds: 12.4,
    stage: "production",
    server: {
      url: "https://minio.example.com:9000",
      kind: "MinIO (pgsty/silo)",
      version: "RELEASE.2026-04-17T00-00-00Z",
    },
    overall_health_score: 91.6,
    score_formula: FORMULA,
    total_buckets: buckets.length,
    healthy_buckets: buckets.length - 4,
    unhealthy_buckets: 4,
    platforms,
    buckets,
    findings: [],
    access: { entries: entries() },
    drift: {
      findings: [
        {
          ...finding({
            check: "unmanaged",
            path: "bucket tmp-export",
            expected: "not on the server",
            actual: "holds 1,204 objects",
            cure: "write it into a platform's file (bucketworks import-server), or empty and remove it",
          }),
          name: "tmp-export",
          kind: "bucket",
        },
      ],
    },
    replication: {
      entries: [
        {
          ...{ name: "99-common-trading-models", platform: "usdcop", answers: false, queued_objects: 12 },
          ...{ queued_bytes: 3 * GIB, failed_objects: 3, failed_bytes: 2 * GIB },
        },
      ],
    },
    database_backups: {
      entries: [
        {
          ...{ server: "local-7437281930218472913", platform: "mlops", is_current: true, max_age_hours: 26 },
          last_base_at: "2026-11-29T01:11:00.000Z",
          recoverable_from: "2026-10-29T01:11:00.000Z",
          recoverable_until: "2026-11-29T08:59:00.000Z",
          drill: {
            ...{ at: "2026-11-22T05:00:00.000Z", restore_seconds: 14.2, duration_seconds: 31, loss_seconds: 41 },
            ...{ tables: 12, rows: 1_200_345, bytes: 900_000_000, gaps: 0 },
          },
        },
        {
          ...{ server: "local-7400000000000000001", platform: "mlops", is_current: false, max_age_hours: 26 },
          ...{ last_base_at: null, recoverable_from: null, recoverable_until: null, drill: null },
        },
      ],
    },
    backups: {
      entries: [
        {
          name: "00-raw-usdcop-marketdata",
          platform: "usdcop",
          last_at: "2026-11-29T02:10:00Z",
          max_age_hours: 26,
          max_drill_age_days: 35,
          drill_overdue: false,
          drill: {
            at: "2026-11-23T05:00:00Z",
            passed: true,
            sample: true,
            objects: 200,
            bytes: 48_318_382_080,
            loss_seconds: 10_200,
            duration_seconds: 371.4,
            failure: null,
          },
        },
        {
          name: "mlflow-artifacts",
          platform: "mlops",
          last_at: "2026-11-26T02:10:00Z",
          max_age_hours: 26,
          max_drill_age_days: 35,
          drill_overdue: true,
          drill: {
            at: "2026-11-22T05:00:00Z",
            passed: false,
            sample: false,
            objects: 1204,
            bytes: 7_301_444_403,
            loss_seconds: 97_800,
            duration_seconds: 64,
            failure: "1 of 1204 objects isn't what was backed up: runs/7/model.onnx",
          },
        },
      ],
    },
    alerts: {
      entries: [
        {
          name: "ObjectStorageNearlyFull",
          severity: "warning",
          platform: "mlops",
          since: "2026-11-28T21:15:00Z",
          summary: "mlflow-artifacts holds more than 90% of its quota",
        },
      ],
    },
    trend: Array.from({ length: 30 }, (_, day) => run(day)),
    not_looked: [
      { what: "ages of objects in mlops-features", reason: "the bucket couldn't be listed: AccessDenied" },
      { what: "audit log", reason: "no service of logs runs for this stage" },
    ],
    ...rest,
  };
}
