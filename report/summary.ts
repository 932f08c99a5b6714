import type { Report, RunSummary } from "./schema.ts";

/** What of a report the history keeps. */
export function runSummaryOf(report: Omit<Report, "trend">): RunSummary {
  const { buckets, platforms, drift } = report;
  const latencies = buckets.flatMap(({ probe_latency_ms }) => (probe_latency_ms === null ? [] : [probe_latency_ms]));
  const sizes = platforms.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  return {
    at: report.generated_at,
    stage: report.stage,
    server: report.server.url,
    overall_health_score: report.overall_health_score,
    total_buckets: report.total_buckets,
    unhealthy_buckets: report.unhealthy_buckets,
    bytes: sizes.length === 0 ? null : sizes.reduce((sum, each) => sum + each, 0),
    latency_ms: percentile(latencies, 95),
    drift_findings: "findings" in drift ? drift.findings.length : null,
  };
}

/** The least value that so many in 100 don't exceed; null of nothing. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? null;
}
