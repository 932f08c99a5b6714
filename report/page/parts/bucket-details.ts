import type { ReportBucket, ReportFinding } from "../../schema.ts";
import { type Content, html, type Markup, name } from "../markup.ts";
import { bar, table } from "../table.ts";
import {
  agesWords,
  amountWords,
  bytesWords,
  counted,
  countWords,
  instantAgo,
  latencyWords,
  percentWords,
} from "../words.ts";

const SOURCES = {
  server: "the server's own usage data",
  listing: "a listing of its objects",
} as const;

/** What a bucket's line opens: what failed first, then what it holds. */
export function bucketDetails(bucket: ReportBucket, at: string): Markup {
  return html`<div class="details">${bucket.not_looked !== null && html`<p class="note"><strong>Not looked at.</strong> ${bucket.not_looked}</p>`}
    ${bucket.findings.length > 0 && html`<ul class="findings">${bucket.findings.map(finding)}</ul>`}
    <dl class="facts">${facts(bucket, at)}</dl>
    ${bucket.suggestions.length > 0 && html`<ul class="suggestions">${bucket.suggestions.map((words) => html`<li>${words}</li>`)}</ul>`}
    <div class="tables">${prefixes(bucket)}${ages(bucket)}${expires(bucket)}</div></div>`;
}

function finding({ severity, check, path, expected, actual, cure }: ReportFinding): Markup {
  return html`<li><span class="badge ${severity}">${severity === "critical" ? "Critical" : "Warning"}</span> <strong class="check">${check}</strong> at ${name(path)}: expected ${expected}, found ${actual}. <span class="cure"><strong>Do:</strong> ${cure}</span></li>`;
}

function facts(
  { layer, checks_made, checks_failed, probe_latency_ms, usage, quota, listed, cost_per_month }: ReportBucket,
  at: string,
): Content {
  return [
    layer !== null && fact("Layer", name(layer)),
    fact(
      "Checks",
      checks_failed === 0 ? `${checks_made} made, none failed` : `${checks_made} made, ${checks_failed} failed`,
    ),
    probe_latency_ms !== null && fact("Reads answered in", `${latencyWords(probe_latency_ms)} (median)`),
    usage !== null && fact("Holds", holds(usage)),
    usage !== null && fact("Counted by", html`${SOURCES[usage.source]}, ${instantAgo(usage.at, at)}`),
    listed ? fact("Listed", listedWords(listed)) : null,
    fact("Quota", quota !== null ? quotaWords(quota) : usage === null ? "not known, as its size isn't" : "none"),
    cost_per_month !== undefined && fact("Keeping it costs", `${amountWords(cost_per_month)} a month`),
  ];
}

function fact(title: string, value: Content): Markup {
  return html`<div><dt>${title}</dt><dd>${value}</dd></div>`;
}

function holds({ bytes, objects, versions, complete }: NonNullable<ReportBucket["usage"]>): string {
  const all = versions === null ? "" : ` in ${counted(versions, "version")}`;
  return `${bytesWords(bytes)}, ${counted(objects, "object")}${all}${complete ? "" : ", at least: the listing ended at its limit"}`;
}

function listedWords({ objects, complete }: NonNullable<ReportBucket["listed"]>): string {
  return complete ? `all ${counted(objects, "version")}` : `the first ${counted(objects, "version")} alone`;
}

function quotaWords({ bytes, used_percent }: NonNullable<ReportBucket["quota"]>): string {
  const free = Math.max(0, bytes * (1 - used_percent / 100));
  return `${bytesWords(bytes)}, ${percentWords(used_percent)} used, ${bytesWords(free)} free`;
}

const figures = [
  { title: "Bytes", bars: true },
  { title: "Objects", figures: true },
];

function prefixes({ name: bucket, prefixes: found }: ReportBucket): Content {
  if (found.length === 0) return null;
  return sizes(`Largest prefixes of ${bucket}`, "Prefix", found, ({ prefix }) => name(prefix));
}

function ages({ name: bucket, ages: found }: ReportBucket): Content {
  if (found.length === 0) return null;
  return sizes(`Age of objects in ${bucket}`, "Age", found, ({ from_days, to_days }) => agesWords(from_days, to_days));
}

function expires({ name: bucket, expires: found }: ReportBucket): Content {
  if (found.length === 0) return null;
  return sizes(`What expires in ${bucket}`, "Expires within", found, ({ within_days }) => counted(within_days, "day"));
}

function sizes<Row extends { readonly bytes: number; readonly objects: number }>(
  caption: string,
  title: string,
  rows: readonly Row[],
  head: (row: Row) => Content,
): Markup {
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes));
  const cells = rows.map((row) => [
    head(row),
    html`${bar((100 * row.bytes) / most)}${bytesWords(row.bytes)}`,
    countWords(row.objects),
  ]);
  return table(caption, [{ title }, ...figures], cells);
}
