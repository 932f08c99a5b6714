import { timestampOf } from "./calendar.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 6;

/**
 * A new run id, `YYYYMMDDHHMMSS-xxxxxx`: ids sort by time, and the end tells runs of one second apart.
 * The source calls that end part of a UUID, but its own examples hold letters no UUID has (U-A05).
 * @param now the run's beginning; taken as UTC
 * @param below a whole number from 0 to below its argument, at random
 */
export function newRunId(now: Date, below: (limit: number) => number): string {
  const end = Array.from({ length: LENGTH }, () => LETTERS.charAt(below(LETTERS.length)));
  return `${timestampOf(now)}-${end.join("")}`;
}
