import { expect, test } from "vitest";
import { newestOf } from "../../../cli/report/backups.ts";

const of = (instant: string) => ({ instant: new Date(instant) });
const NOW = new Date("2026-11-30T12:00:00Z");

test("a manifest of a time that is still to come doesn't keep a backup young", () => {
  const first = of("2026-11-28T02:00:00Z");
  const last = of("2026-11-29T02:00:00Z");
  const ahead = of("2026-11-30T12:00:30Z");
  const forged = of("2099-01-01T00:00:00Z");
  expect(newestOf([first, last, ahead], NOW)).toBe(ahead);
  expect(newestOf([first, last, forged], NOW)).toBe(last);
  expect(newestOf([forged], NOW)).toBeUndefined();
  expect(newestOf([], NOW)).toBeUndefined();
});
