import type { RunSummary } from "./schema.ts";

/** So many runs are told one by one. */
const RECENT = 100;

/**
 * What a report shows of earlier runs: the newest one by one, before them the last of each day (UTC). A monitor makes
 * hundreds a day, and a trend is of weeks and months.
 * @param runs oldest first
 */
export function shownRuns(runs: readonly RunSummary[]): RunSummary[] {
  const days = new Map(runs.slice(0, -RECENT).map((run) => [run.at.slice(0, 10), run]));
  return [...days.values(), ...runs.slice(-RECENT)];
}
