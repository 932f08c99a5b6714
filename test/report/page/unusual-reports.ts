import type { Report } from "../../../report/schema.ts";
import { ACTIONS, aBucket, aReport, entries, finding, GIB } from "./sample-reports.ts";

/** So many buckets, each with all that a bucket may have. */
export function aLargeReport(count: number): Report {
  const buckets = Array.from({ length: count }, (_, index) =>
    aBucket(
      {
        name: `department-${String(index).padStart(3, "0")}-landing-zone-of-telemetry`,
        platform: `platform-${index % 8}`,
        ...(index % 4 === 0 && {
          status: "unhealthy" as const,
          health_score: 75,
          checks_failed: 3,
          findings: ["versioning", "lifecycle", "quota"].map((check) =>
            finding({ check, path: `platforms/platform-${index % 8}.yaml: buckets.zone-${index}.${check}` }),
          ),
        }),
        prefixes: Array.from({ length: 10 }, (_, part) => ({
          prefix: `year=2026/month=${part + 1}/source=telemetry/`,
          bytes: GIB * (10 - part),
          objects: 1200,
        })),
        suggestions: ["expire_days 90 would free 1.2 TiB", "noncurrent_days 30 would free 12.4 GiB"],
      },
      index + 1,
    ),
  );
  const access = buckets.flatMap(({ name, platform }, index) =>
    Array.from({ length: 10 }, (_, number) => ({
      identity: `${platform}-user-${(index + number) % 30}`,
      kind: "user" as const,
      platform,
      bucket: name,
      actions: ACTIONS.slice(0, 1 + (number % 5)),
      prefixes: number === 3 ? [`team-${number}/`] : [],
      confirmed: true,
    })),
  );
  return aReport({ buckets, total_buckets: count, access: { entries: access } });
}

/** Nothing was there. */
export function anEmptyReport(): Report {
  return aReport({
    overall_health_score: null,
    total_buckets: 0,
    healthy_buckets: 0,
    unhealthy_buckets: 0,
    platforms: [],
    buckets: [],
    access: { entries: [] },
    drift: { findings: [] },
    backups: { entries: [] },
    database_backups: { entries: [] },
    replication: { entries: [] },
    alerts: { entries: [] },
    trend: [],
    not_looked: [],
  });
}

/** Nobody could look at anything. */
export function aBlindReport(): Report {
  const reason = "the server doesn't answer: connect ECONNREFUSED 127.0.0.1:9000";
  const buckets = aReport().buckets.map((bucket) => ({
    ...aBucket({ name: bucket.name, platform: bucket.platform }),
    status: "unknown" as const,
    health_score: null,
    checks_made: 0,
    not_looked: reason,
    probe_latency_ms: null,
    usage: null,
    quota: null,
    prefixes: [],
    ages: [],
    expires: [],
    listed: null,
  }));
  return aReport({
    server: { url: "http://127.0.0.1:9000", kind: null, version: null },
    overall_health_score: null,
    healthy_buckets: 0,
    unhealthy_buckets: buckets.length,
    platforms: [],
    buckets,
    access: { reason },
    drift: { reason },
    backups: { reason },
    database_backups: { reason },
    replication: { reason },
    alerts: { reason },
    trend: [],
    not_looked: ["buckets", "identities", "drift", "backups", "alerts"].map((what) => ({ what, reason })),
  });
}

/** Something of each kind, and little of it. */
export function aSmallReport(): Report {
  const report = aReport();
  const few = report.buckets.filter((bucket, index) => index === 0 || bucket.status !== "healthy");
  const some = entries().filter(({ confirmed }, index) => index < 12 || confirmed === false);
  return { ...report, buckets: few, access: { entries: some }, trend: report.trend.slice(0, 3) };
}

/** Every text in a report is this one; it is a small one. */
export function aHostileReport(text: string): Report {
  const replaced = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) return value.map((part) => replaced(part, key));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([field, part]) => [field, replaced(part, field)]));
    const closed = /^(status|kind|source|.*_?at|since|recoverable_.*|confirmed)$/.test(key);
    return typeof value === "string" && !(closed && key !== "kind") && !(key === "kind" && isClosedKind(value))
      ? key === "severity" && /^(critical|warning)$/.test(value)
        ? value
        : text
      : value;
  };
  return replaced(aSmallReport()) as Report;
}

const isClosedKind = (kind: string): boolean => ["user", "service_account", "anyone"].includes(kind);
