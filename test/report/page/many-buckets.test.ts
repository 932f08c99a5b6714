import { expect, test } from "vitest";
import { reportPage } from "../../../report/page/page.ts";
import { MOST_BUCKETS, shownBuckets } from "../../../report/page/shown-buckets.ts";
import { aLargeReport } from "./unusual-reports.ts";

const MANY = aLargeReport(MOST_BUCKETS + 600);
const PAGE = reportPage(MANY);
const found = (pattern: RegExp) => [...PAGE.matchAll(pattern)].map(([, text]) => text ?? "");

test("of many buckets a page shows what isn't healthy and what holds most, and says that there are more", () => {
  const shown = shownBuckets(MANY);
  const bad = MANY.buckets.flatMap(({ status }, index) => (status === "healthy" ? [] : [index]));
  expect(bad.filter((index) => !shown.has(index))).toEqual([]);
  const sizes = (isShown: boolean) =>
    MANY.buckets.flatMap(({ status, usage }, index) =>
      status === "healthy" && shown.has(index) === isShown ? [usage?.bytes ?? 0] : [],
    );
  expect(Math.min(...sizes(true))).toBeGreaterThanOrEqual(Math.max(...sizes(false)));
  expect(found(/<details class="bucket" id="([^"]+)"/g)).toHaveLength(MOST_BUCKETS);
  // Not by toContain, which would show the whole page where it isn't so.
  expect(PAGE.includes("This page shows 1,000 of 1,600 buckets one by one")).toBe(true);
});

test("its sums are of all buckets, and every link leads to a line that is there", () => {
  expect(PAGE.includes("1,600 buckets hold")).toBe(true);
  const ids = new Set(found(/ id="([^"]+)"/g));
  expect(found(/href="#([^"]+)"/g).filter((id) => !ids.has(id))).toEqual([]);
});

test("its size doesn't grow with the buckets that it doesn't show", () => {
  const whole = reportPage(aLargeReport(MOST_BUCKETS)).length;
  expect(PAGE.length).toBeLessThan(whole * 1.3);
});

test("a report of no more buckets than a page has shows each", () => {
  expect(shownBuckets(aLargeReport(MOST_BUCKETS)).size).toBe(MOST_BUCKETS);
});
