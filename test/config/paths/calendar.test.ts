import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDate, isIsoWeek, isTime, timestampOf } from "../../../config/paths/calendar.ts";

const days = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });

describe("a date", () => {
  test.each(["20250911", "20240229", "20000229", "00010101", "99991231"])("%s is one", (digits) => {
    expect(isDate(digits)).toBe(true);
  });

  test.each(["20250229", "19000229", "20250431", "20251301", "20250100", "20250001", "2025911", "2025-9-1", ""])(
    "%j is none",
    (digits) => {
      expect(isDate(digits)).toBe(false);
    },
  );

  test("is what the machine's calendar says it is", () => {
    fc.assert(fc.property(days, (day) => isDate(timestampOf(day).slice(0, 8))));
    const digits = fc.integer({ min: 10_000_000, max: 99_999_999 }).map(String);
    fc.assert(
      fc.property(digits, (text) => {
        const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6)];
        const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
        const real = !Number.isNaN(date.getTime()) && timestampOf(date).startsWith(text);
        expect(isDate(text)).toBe(real);
      }),
    );
  });
});

test.each([
  ["000000", true],
  ["235959", true],
  ["240000", false],
  ["126000", false],
  ["123460", false],
  ["1234", false],
])("the time %s: %s", (digits, expected) => {
  expect(isTime(digits)).toBe(expected);
});

test.each([
  ["202537", true], // the week of 11 September 2025
  ["202652", true],
  ["202653", true], // begins on 28 December 2026
  ["202553", false],
  ["202053", true],
  ["201553", true],
  ["202453", false],
  ["202500", false],
  ["2025W7", false],
])("the ISO week %s: %s", (digits, expected) => {
  expect(isIsoWeek(digits)).toBe(expected);
});
