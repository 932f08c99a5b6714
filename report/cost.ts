import type { Report, ReportBucket } from "./schema.ts";

const GIB = 2 ** 30;

/**
 * What it costs to keep what is there for a month more, and which part of it is older than each age: what a shorter
 * retention would save.
 * @param price of a GiB for a month, in whatever currency somebody thinks
 */
export function withCosts(report: Report, price: number): Report {
  const costOf = (bytes: number | null): { cost_per_month?: number } =>
    bytes === null ? {} : { cost_per_month: rounded((bytes / GIB) * price) };
  return {
    ...report,
    price_per_gib_month: price,
    platforms: report.platforms.map((platform) => ({ ...platform, ...costOf(platform.bytes) })),
    buckets: report.buckets.map((bucket) => ({
      ...bucket,
      ...costOf(bucket.usage?.bytes ?? null),
      suggestions: [...bucket.suggestions, ...retentionCosts(bucket, price)],
    })),
  };
}

/** What the older part of a bucket costs, where there is enough to tell. */
function retentionCosts({ ages }: ReportBucket, price: number): string[] {
  const older = ages.filter(({ from_days: from }) => from >= OLD_DAYS).reduce((sum, { bytes }) => sum + bytes, 0);
  const cost = (older / GIB) * price;
  return cost < LEAST ? [] : [`keeping what is older than ${OLD_DAYS} days costs ${cost.toFixed(2)} a month`];
}

const OLD_DAYS = 30;
const LEAST = 0.01;

function rounded(amount: number): number {
  return Math.round(amount * 100) / 100;
}
