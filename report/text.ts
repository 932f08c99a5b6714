import type { Report, ReportBucket, ReportFinding } from "./schema.ts";

/** The report for people at a terminal. */
export function reportText(report: Report): string[] {
  const { overall_health_score: score, total_buckets: total, unhealthy_buckets: unhealthy, stage, server } = report;
  return [
    ...report.buckets.flatMap(bucketLines),
    ...report.findings.map((finding) => findingLine("server", finding)),
    ...report.not_looked.map(({ what, reason }) => `not looked at: ${what}: ${reason}`),
    ...report.platforms.map(
      ({ name, health_score: own, total_buckets: all, unhealthy_buckets: ill }) =>
        `${name}: score ${own ?? "unknown"}, ${all - ill} of ${all} buckets healthy`,
    ),
    `score ${score ?? "unknown"}: ${total - unhealthy} of ${total} buckets healthy (stage ${stage}, ${server.url})`,
  ];
}

function bucketLines({ name, findings, not_looked: reason }: ReportBucket): string[] {
  return [
    ...(reason === null ? [] : [`${name}: could not be looked at: ${reason}`]),
    ...findings.map((finding) => findingLine(name, finding)),
  ];
}

function findingLine(of: string, { severity, path, expected, actual, cure }: ReportFinding): string {
  return `${of}: ${severity}: ${path}: expected ${expected}, is ${actual}; ${cure}`;
}
