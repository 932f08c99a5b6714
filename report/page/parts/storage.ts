import type { Report, ReportBucket } from "../../schema.ts";
import { type Content, html, name } from "../markup.ts";
import { barsAcross } from "../plots/bars-plot.ts";
import type { Section } from "../section.ts";
import { bar, longTable, table } from "../table.ts";
import { toneOfQuota } from "../tone.ts";
import { bytesWords, counted, countWords, instantAgo, percentWords } from "../words.ts";
import { months } from "./months.ts";

const LARGEST = 10;
const ROWS = 15;
const SOURCES = { server: "server", listing: "listing" } as const;

type Used = ReportBucket & { readonly usage: NonNullable<ReportBucket["usage"]> };
type Limited = ReportBucket & { readonly quota: NonNullable<ReportBucket["quota"]> };

/** How much there is, where, and how much more fits. */
export function storage(report: Report, shown: ReadonlySet<number>): Section {
  const names = new Set([...shown].map((index) => report.buckets[index]?.name ?? ""));
  const used = report.buckets
    .filter((bucket): bucket is Used => bucket.usage !== null)
    .toSorted((a, b) => b.usage.bytes - a.usage.bytes);
  const total = used.reduce((sum, { usage }) => sum + usage.bytes, 0);
  return {
    id: "storage",
    title: "Storage",
    count: used.length === 0 ? "–" : bytesWords(total),
    tone: "plain",
    body: [
      used.length === 0 ? html`<p class="note">No sizes are known.</p>` : sizes(report, used, total, names),
      prefixes(report),
      headroom(report, names),
      months(report),
    ],
  };
}

function sizes(report: Report, used: readonly Used[], total: number, shown: ReadonlySet<string>): Content {
  const largest = used.slice(0, LARGEST);
  const cut = used.filter(({ usage }) => !usage.complete).length;
  const listed = used.filter(({ name: bucket }) => shown.has(bucket));
  const rows = listed.map(({ name: bucket, platform, usage }) => [
    name(bucket),
    name(platform),
    html`${bytesWords(usage.bytes)}${!usage.complete && html`<span class="ago"> at least</span>`}`,
    countWords(usage.objects),
    usage.versions === null ? "–" : countWords(usage.versions),
    SOURCES[usage.source],
    instantAgo(usage.at, report.generated_at),
  ]);
  const columns = ["Bucket", "Platform", "Stored", "Objects", "Versions", "Counted by", "As of"];
  return html`<h3>Size of buckets</h3>
    <p>${counted(used.length, "bucket holds", "buckets hold")} ${bytesWords(total)}.${cut > 0 && ` Of ${counted(cut, "bucket")} the listing ended at its limit: there is more.`}</p>
    <figure>${barsAcross(
      `the ${largest.length} largest buckets; the table below has their sizes`,
      largest.map(({ name: bucket, usage }) => ({ name: bucket, bytes: usage.bytes })),
    )}</figure>
    <details class="more"><summary>Sizes as a table, and where they come from</summary>${longTable(
      "Size of each bucket, the largest first",
      columns.map((title, index) => ({ title, figures: index >= 2 && index <= 4 })),
      rows,
      Math.max(ROWS, 30),
    )}</details>`;
}

function prefixes({ buckets }: Report): Content {
  const all = buckets
    .flatMap(({ name: bucket, prefixes: found }) => found.map((prefix) => ({ ...prefix, bucket })))
    .toSorted((a, b) => b.bytes - a.bytes);
  if (all.length === 0) return null;
  const most = Math.max(1, all[0]?.bytes ?? 0);
  const rows = all
    .slice(0, LARGEST)
    .map(({ prefix, bucket, bytes, objects }) => [
      name(prefix),
      name(bucket),
      html`${bar((100 * bytes) / most)}${bytesWords(bytes)}`,
      countWords(objects),
    ]);
  const columns = [
    { title: "Prefix" },
    { title: "Bucket" },
    { title: "Stored", bars: true },
    { title: "Objects", figures: true },
  ];
  return html`<h3>Largest prefixes</h3>${table("The largest prefixes of all buckets that were listed", columns, rows)}`;
}

function headroom({ buckets }: Report, shown: ReadonlySet<string>): Content {
  const limited = buckets
    .filter((bucket): bucket is Limited => bucket.quota !== null)
    .toSorted((a, b) => b.quota.used_percent - a.quota.used_percent);
  const unknown = buckets.filter(({ quota, usage }) => quota === null && usage === null).length;
  const without = buckets.length - limited.length - unknown;
  const words = [
    ...(without > 0 ? [`${counted(without, "bucket has", "buckets have")} no quota.`] : []),
    ...(unknown > 0 ? [`Of ${counted(unknown, "bucket")} the size isn't known, so how much fits isn't either.`] : []),
  ];
  const rest = words.length > 0 ? html`<p class="note">${words.join(" ")}</p>` : null;
  if (limited.length === 0) return html`<h3>Quota head room</h3>${rest}`;
  const listed = limited.filter(({ name: bucket }) => shown.has(bucket));
  const rows = listed.map(({ name: bucket, quota: { bytes, used_percent } }) => [
    name(bucket),
    html`${bar(used_percent, toneOfQuota(used_percent))}${percentWords(used_percent)}`,
    bytesWords(Math.max(0, bytes * (1 - used_percent / 100))),
    bytesWords(bytes),
  ]);
  const columns = [
    { title: "Bucket" },
    { title: "Used", bars: true },
    { title: "Free", figures: true },
    { title: "Quota", figures: true },
  ];
  return html`<h3>Quota head room</h3>${longTable("Quotas, the fullest first", columns, rows, ROWS)}${rest}`;
}
