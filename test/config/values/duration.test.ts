import { expect, test } from "vitest";
import { daysFix, daysIn } from "../../../config/values/duration.ts";

test.each([
  ["90d", 90],
  ["90 days", 90],
  ["1 Day", 1],
  ["3 months", 90],
  ["2w", 14],
  ["1y", 365],
  ["1 year", 365],
  ["48h", 2],
  ["P90D", 90],
  ["P3M", 90],
])("%s is %i days", (text, days) => {
  expect(daysIn(text)).toBe(days);
});

test.each(["", "90", "d", "3m", "PT3M", "-3d", "1.5d", "3 moons", "90d later"])("%j is no duration in days", (text) => {
  expect(daysIn(text)).toBeNull();
});

test("what is written instead is whole days, at least one", () => {
  expect(daysFix("36h")).toBe("write 2: the number of days");
  expect(daysFix("6h")).toBe("write 1 or more: a lifecycle counts whole days");
  expect(daysFix("forever")).toBe("to have none, remove the key");
  expect(daysFix("later")).toBeNull();
});
