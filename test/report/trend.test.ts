import { expect, test } from "vitest";
import type { RunSummary } from "../../report/schema.ts";
import { shownRuns } from "../../report/trend.ts";

const MINUTES = 60_000;
const END = Date.UTC(2026, 10, 30, 12);

/** Runs of a monitor, one every five minutes. */
function runs(count: number): RunSummary[] {
  return Array.from({ length: count }, (_, index) => ({
    at: new Date(END - (count - 1 - index) * 5 * MINUTES).toISOString(),
    ...{ stage: "dev", server: "http://s", overall_health_score: 100, total_buckets: 1, unhealthy_buckets: 0 },
    ...{ bytes: index, latency_ms: null, drift_findings: null },
  }));
}

test("few runs are all shown", () => {
  for (const count of [0, 1, 100]) expect(shownRuns(runs(count))).toEqual(runs(count));
});

test("of weeks of a monitor the newest are shown one by one, and of each day before the last one", () => {
  const all = runs(10_000);
  const shown = shownRuns(all);
  expect(shown.slice(-100)).toEqual(all.slice(-100));
  const before = shown.slice(0, -100).map(({ at }) => at);
  expect(before).toHaveLength(36);
  expect(before.slice(0, 2)).toEqual(["2026-10-26T23:55:00.000Z", "2026-10-27T23:55:00.000Z"]);
  expect(before.at(-1)).toBe("2026-11-30T03:40:00.000Z");
  expect([...before].sort()).toEqual(before);
});
