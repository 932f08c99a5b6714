import type { Report } from "../schema.ts";

/** Buckets of a page: with more of them it gets larger than browsers like to open. */
export const MOST_BUCKETS = 1000;
/** Places of one problem. */
export const MOST_PLACES = 500;

/** Indices of the buckets that a page shows one by one: what isn't healthy, the worst first, then what holds most. */
export function shownBuckets({ buckets }: Report): ReadonlySet<number> {
  if (buckets.length <= MOST_BUCKETS) return new Set(buckets.keys());
  const order = buckets
    .map(({ health_score: score, usage }, index) => ({ index, score: score ?? 0, bytes: usage?.bytes ?? 0 }))
    .toSorted((a, b) => a.score - b.score || b.bytes - a.bytes || a.index - b.index);
  return new Set(order.slice(0, MOST_BUCKETS).map(({ index }) => index));
}

/** A report whose parts of single buckets are those that are shown; sums are of the whole one. */
export function ofShown(report: Report, shown: ReadonlySet<number>): Report {
  if (shown.size === report.buckets.length) return report;
  const names = new Set([...shown].map((index) => report.buckets[index]?.name));
  const { access } = report;
  if ("reason" in access) return report;
  return { ...report, access: { entries: access.entries.filter(({ bucket }) => names.has(bucket)) } };
}
