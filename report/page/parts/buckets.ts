import type { Report, ReportBucket } from "../../schema.ts";
import { groupsBy } from "../groups.ts";
import { html, type Markup, name, spoken } from "../markup.ts";
import type { Section } from "../section.ts";
import { bar } from "../table.ts";
import { toneOfScore } from "../tone.ts";
import { bytesWords, counted, countWords, percentWords, scoreWords } from "../words.ts";
import { bucketDetails } from "./bucket-details.ts";
import { bucketId } from "./bucket-id.ts";

type Numbered = ReportBucket & { readonly index: number };

const MARKS = { healthy: ["✓", "good"], unhealthy: ["✗", "critical"], unknown: ["?", "warning"] } as const;
const ORDER = { unhealthy: 0, unknown: 1, healthy: 2 } as const;

/** Every bucket that is shown, by platform: a line that opens. What isn't healthy comes first. */
export function buckets(report: Report, shown: ReadonlySet<number>): Section {
  const all = report.buckets.map((bucket, index) => ({ ...bucket, index }));
  const numbered = all.filter(({ index }) => shown.has(index));
  const left = all.length - numbered.length;
  const largest = Math.max(1, ...numbered.map(({ usage }) => usage?.bytes ?? 0));
  const groups = [...groupsBy(numbered, ({ platform }) => platform)].toSorted(
    ([a, some], [b, more]) => worst(some) - worst(more) || a.localeCompare(b, "en"),
  );
  return {
    id: "buckets",
    title: "Buckets",
    count:
      report.unhealthy_buckets > 0
        ? `${countWords(report.unhealthy_buckets)} of ${countWords(report.total_buckets)}`
        : countWords(report.total_buckets),
    tone: report.unhealthy_buckets > 0 ? "warning" : "plain",
    body:
      groups.length === 0
        ? html`<p class="note">No bucket is in this report.</p>`
        : html`${left > 0 && html`<p class="note">This page shows ${countWords(numbered.length)} of ${counted(all.length, "bucket")} one by one, here and below: what isn't healthy, then what holds most. Sums are of all of them, and report.json has each.</p>`}<p class="tools" data-tools hidden><label>Find a bucket <input type="search" data-filter="bucket" autocomplete="off"></label>
            <button type="button" data-open="buckets">Open all</button> <button type="button" data-close="buckets">Close all</button></p>
            <p class="nothing" data-nothing="bucket" role="status"></p>
            ${groups.map(([platform, some]) => group(platform, some, largest, report.generated_at))}`,
  };
}

function worst(some: readonly Numbered[]): number {
  return Math.min(...some.map(({ health_score }) => health_score ?? 0));
}

function group(platform: string, some: readonly Numbered[], largest: number, at: string): Markup {
  const sorted = some.toSorted(
    (a, b) =>
      ORDER[a.status] - ORDER[b.status] ||
      (a.health_score ?? 0) - (b.health_score ?? 0) ||
      a.name.localeCompare(b.name, "en"),
  );
  const bad = some.filter(({ status }) => status !== "healthy").length;
  return html`<div class="group"><h3>${name(platform)} <span class="places">${counted(some.length, "bucket")}${
    bad > 0 && `, ${bad} not healthy`
  }</span></h3>
    <div class="bucket-head" aria-hidden="true"><span>Bucket</span><span>Score</span><span>Stored</span><span>Quota used</span></div>
    ${sorted.map((bucket) => line(bucket, largest, at))}</div>`;
}

function line(bucket: Numbered, largest: number, at: string): Markup {
  const { status, usage, quota, health_score } = bucket;
  const [sign, tone] = MARKS[status];
  return html`<details class="bucket" id="${bucketId(bucket.index)}" data-row="bucket"><summary>
    <span class="who"><span class="mark ${tone}" aria-hidden="true">${sign}</span>${spoken(`${status}: `)}${name(bucket.name)}</span>
    <span class="figure score-${toneOfScore(health_score)}">${spoken("score ")}${scoreWords(health_score)}</span>
    <span class="stored">${usage === null ? html`<span class="figure">–${spoken(" size not known")}</span>` : html`${bar((100 * usage.bytes) / largest)}<span class="figure">${bytesWords(usage.bytes)}</span>`}</span>
    <span class="figure quota">${quota === null ? html`<span aria-hidden="true">–</span>` : html`${percentWords(quota.used_percent)}${spoken(" of its quota")}`}</span>
    </summary>${bucketDetails(bucket, at)}</details>`;
}
