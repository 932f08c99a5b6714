import type { Report } from "../../schema.ts";
import { type Content, html, name } from "../markup.ts";
import { barsUp } from "../plots/bars-plot.ts";
import type { Section } from "../section.ts";
import { longTable, table } from "../table.ts";
import { agesWords, bytesWords, counted, countWords } from "../words.ts";
import { bucketId } from "./bucket-id.ts";

const ROWS = 12;

interface Sum {
  readonly bytes: number;
  readonly objects: number;
}

interface Bin extends Sum {
  readonly name: string;
  readonly short: string;
}

const sized = [
  { title: "Bytes", figures: true },
  { title: "Objects", figures: true },
];

/** How old objects are, what lifecycle rules end soon, and what another rule would free. */
export function ages(report: Report, shown: ReadonlySet<number>): Section {
  const histogram = histogramOf(report);
  return {
    id: "age",
    title: "Age and expiry",
    count: null,
    tone: "plain",
    body: [
      html`<h3>Age of objects</h3>`,
      histogram.length === 0
        ? html`<p class="note">No ages are known: no bucket was listed.</p>`
        : aged(report, histogram),
      html`<h3>What expires when</h3>`,
      expiry(report, shown),
      html`<h3>What a lifecycle rule would free</h3>`,
      suggestions(report, shown),
    ],
  };
}

function histogramOf({ buckets }: Report): Bin[] {
  const bins = new Map<string, Sum & { readonly from: number; readonly to: number | null }>();
  for (const { from_days: from, to_days: to, bytes, objects } of buckets.flatMap(({ ages: found }) => found)) {
    const key = `${from}-${to}`;
    const sum = bins.get(key);
    bins.set(key, { from, to, bytes: bytes + (sum?.bytes ?? 0), objects: objects + (sum?.objects ?? 0) });
  }
  return [...bins.values()]
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, to, bytes, objects }) => ({
      name: agesWords(from, to),
      short: to === null ? `≥${from} d` : `<${to} d`,
      bytes,
      objects,
    }));
}

function aged({ buckets }: Report, histogram: readonly Bin[]): Content {
  const listed = buckets.filter(({ ages: found }) => found.length > 0).length;
  const rows = histogram.map(({ name: age, bytes, objects }) => [age, bytesWords(bytes), countWords(objects)]);
  return html`<p>Current versions in ${counted(listed, "bucket")} that were listed.</p>
    <figure>${barsUp("bytes by the age of objects; the table below has the figures", histogram)}</figure>
    <details class="more"><summary>Ages as a table</summary>${table("Bytes and objects by age", [{ title: "Age" }, ...sized], rows)}</details>`;
}

function expiry({ buckets }: Report, shown: ReadonlySet<number>): Content {
  const within = [...new Set(buckets.flatMap(({ expires }) => expires.map(({ within_days }) => within_days)))].toSorted(
    (a, b) => a - b,
  );
  if (within.length === 0)
    return html`<p class="note">No lifecycle rule ends anything that was seen, or nothing was listed.</p>`;
  const sumOf = (days: number): Sum => {
    const found = buckets.flatMap(({ expires }) => expires.filter(({ within_days }) => within_days === days));
    return {
      bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
      objects: found.reduce((sum, { objects }) => sum + objects, 0),
    };
  };
  const rows = within.map((days) => {
    const { bytes, objects } = sumOf(days);
    return [counted(days, "day"), bytesWords(bytes), countWords(objects)];
  });
  const most = within.at(-1) ?? 0;
  const byBucket = buckets
    .map((bucket, index) => ({
      ...bucket,
      index,
      last: bucket.expires.find(({ within_days }) => within_days === most),
    }))
    .filter(({ index, last }) => shown.has(index) && (last?.objects ?? 0) > 0)
    .toSorted((a, b) => (b.last?.bytes ?? 0) - (a.last?.bytes ?? 0))
    .map(({ name: bucket, index, expires }) => [
      html`<a href="#${bucketId(index)}">${name(bucket)}</a>`,
      ...within.map((days) => bytesWords(expires.find(({ within_days }) => within_days === days)?.bytes ?? 0)),
    ]);
  const columns = [{ title: "Bucket" }, ...within.map((days) => ({ title: counted(days, "day"), figures: true }))];
  return html`${table("What lifecycle rules end; each line holds those above it", [{ title: "Within" }, ...sized], rows)}
    ${byBucket.length > 0 && html`<details class="more"><summary>By bucket</summary>${longTable("Bytes that expire, by bucket", columns, byBucket, ROWS)}</details>`}`;
}

function suggestions({ buckets }: Report, shown: ReadonlySet<number>): Content {
  const rows = buckets.flatMap(({ name: bucket, suggestions: found }, index) =>
    (shown.has(index) ? found : []).map(
      (words) => html`<li><a href="#${bucketId(index)}">${name(bucket)}</a>: ${words}</li>`,
    ),
  );
  return rows.length === 0
    ? html`<p class="note">None, by the ages seen.</p>`
    : html`<ul class="suggestions">${rows}</ul>`;
}
