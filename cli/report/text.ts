import { readableBytes } from "../../config/values/readable-bytes.ts";
import type { Report, ReportBucket, ReportFinding } from "../../report/schema.ts";
import { counted, table } from "../terminal/print.ts";

/** The report for people at a terminal. */
export function reportText(report: Report, quiet: boolean): string[] {
  const findings = [
    ...report.buckets.flatMap(bucketLines),
    ...report.findings.map((finding) => findingLine("server", finding)),
    ...driftLines(report, () => true),
    ...alertLines(report),
    ...report.not_looked.map(({ what, reason }) => `not looked at: ${what}: ${reason}`),
  ];
  if (quiet) return findings;
  const { overall_health_score: score, total_buckets: total, unhealthy_buckets: unhealthy, stage, server } = report;
  return [
    ...(report.buckets.length > 0 ? [bucketTable(report.buckets)] : []),
    ...findings,
    ...report.buckets.flatMap(({ name, suggestions }) => suggestions.map((each) => `${name}: ${each}`)),
    ...report.platforms.map(platformLine),
    `score ${score ?? "unknown"}: ${total - unhealthy} of ${counted(total, "bucket")} healthy${since(report)} (stage ${stage}, ${server.url})`,
  ];
}

/** One bucket and who may do what in it. */
export function bucketText(report: Report, bucket: ReportBucket): string[] {
  const { name, platform, layer, health_score: score, status, usage, quota, listed, expires } = bucket;
  const about = `platform ${platform}${layer === null ? "" : `, layer ${layer}`}`;
  const access = "reason" in report.access ? [] : report.access.entries.filter((entry) => entry.bucket === name);
  return [
    `${name} (${about}): ${status}, score ${score ?? "unknown"}`,
    ...(usage === null ? [] : [sizeLine(usage)]),
    ...(quota === null ? [] : [`quota ${readableBytes(quota.bytes)}, ${quota.used_percent} % used`]),
    ...bucketLines(bucket),
    ...driftLines(report, (subject) => subject === name),
    ...(listed?.complete === false ? [`listed: the first ${listed.objects} versions alone`] : []),
    ...(bucket.prefixes.length === 0 ? [] : [prefixTable(bucket)]),
    ...(bucket.ages.length === 0 ? [] : [ageTable(bucket)]),
    ...expires.map(
      ({ within_days: days, bytes, objects }) =>
        `ends within ${counted(days, "day")}: ${counted(objects, "object")} (${readableBytes(bytes)})`,
    ),
    ...bucket.suggestions,
    ...("reason" in report.access ? [`who may do what: ${report.access.reason}`] : [accessTable(access)]),
  ];
}

function bucketTable(buckets: readonly ReportBucket[]): string {
  const rows = buckets.map(({ name, health_score: score, usage, quota, probe_latency_ms: latency }) => [
    name,
    score === null ? "unknown" : String(score),
    usage === null ? "-" : readableBytes(usage.bytes) + (usage.complete ? "" : " or more"),
    usage === null ? "-" : String(usage.objects),
    quota === null ? "-" : `${quota.used_percent} %`,
    latency === null ? "-" : `${latency} ms`,
  ]);
  return table([["BUCKET", "SCORE", "SIZE", "OBJECTS", "QUOTA", "LATENCY"], ...rows]);
}

function prefixTable({ prefixes }: ReportBucket): string {
  const rows = prefixes.map(({ prefix, bytes, objects }) => [
    prefix === "" ? "(no prefix)" : prefix,
    readableBytes(bytes),
    String(objects),
  ]);
  return table([["PREFIX", "SIZE", "OBJECTS"], ...rows]);
}

function ageTable({ ages }: ReportBucket): string {
  const rows = ages.map(({ from_days: from, to_days: to, bytes, objects }) => [
    to === null ? `${from} days and more` : `${from} to ${to} days`,
    readableBytes(bytes),
    String(objects),
  ]);
  return table([["AGE", "SIZE", "OBJECTS"], ...rows]);
}

function accessTable(entries: Extract<Report["access"], { entries: unknown }>["entries"]): string {
  if (entries.length === 0) return "nobody but root may do anything in it";
  const rows = entries.map(({ identity, kind, actions, prefixes, confirmed }) => [
    identity,
    kind.replace("_", " "),
    actions.join(", "),
    prefixes.length === 0 ? "everywhere" : prefixes.join(", "),
    confirmed === null ? "not tried" : confirmed ? "tries agree" : "tries disagree",
  ]);
  return table([["IDENTITY", "KIND", "MAY", "WHERE", "TRIED"], ...rows]);
}

function sizeLine({ bytes, objects, versions, source, at, complete }: NonNullable<ReportBucket["usage"]>): string {
  const more = versions === null || versions === objects ? "" : `, ${counted(versions, "version")}`;
  const from = source === "server" ? `the server's count of ${at}` : `a listing of ${at}`;
  const held = `${readableBytes(bytes)} in ${counted(objects, "object")}${more}`;
  return `size ${held}, by ${from}${complete ? "" : ", which ended at its limit: there is more"}`;
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

/** Of buckets of the specs the findings say it already. */
function driftLines({ drift, buckets }: Report, of: (name: string) => boolean): string[] {
  const known = new Set(buckets.map(({ name }) => name));
  const findings = "findings" in drift ? drift.findings : [];
  return findings
    .filter(({ check, name }) => of(name) && !(check === "bucket" && known.has(name)))
    .map((finding) => findingLine(`drift: ${finding.kind} ${finding.check} ${finding.name}`, finding));
}

function alertLines({ alerts }: Report): string[] {
  return ("entries" in alerts ? alerts.entries : []).map(
    ({ name, severity, since, summary }) => `alert: ${name} (${severity}) fires since ${since}: ${summary}`,
  );
}

function platformLine(platform: Report["platforms"][number]): string {
  const { name, health_score: score, total_buckets: total, unhealthy_buckets: unhealthy, bytes } = platform;
  const { cost_per_month: cost } = platform;
  const size = bytes === null ? "" : `, ${readableBytes(bytes)}`;
  const price = cost === undefined ? "" : `, ${cost.toFixed(2)} a month`;
  return `${name}: score ${score ?? "unknown"}, ${total - unhealthy} of ${counted(total, "bucket")} healthy${size}${price}`;
}

function since({ trend }: Report): string {
  const before = trend.at(-2);
  if (before === undefined) return "";
  return `; ${before.overall_health_score ?? "unknown"} at ${before.at}`;
}
