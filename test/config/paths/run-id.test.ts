import { randomInt } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasForm } from "../../../config/paths/placeholders.ts";
import { newRunId } from "../../../config/paths/run-id.ts";

test("a run id is the time in UTC and six characters (U-035)", () => {
  const drawn = [0, 1, 2, 26, 27, 28];
  expect(newRunId(new Date("2025-09-11T14:34:56.999+02:00"), () => drawn.shift() ?? 0)).toBe("20250911123456-abc012");
});

test("every moment and every draw makes one that has the form", () => {
  const moments = fc.date({ min: new Date("1970-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
  fc.assert(fc.property(moments, (now) => hasForm("run_id", newRunId(now, randomInt))));
});

test("two of one second differ", () => {
  const now = new Date("2025-09-11T12:34:56Z");
  expect(new Set(Array.from({ length: 100 }, () => newRunId(now, randomInt))).size).toBe(100);
});

test.each([
  "20250911123456-abc12",
  "20250911123456-abc1234",
  "20250911123456-ABC123",
  "20250911123456_abc123",
  "20250230123456-abc123",
  "20250911246060-abc123",
  "new",
])("%s is none", (text) => {
  expect(hasForm("run_id", text)).toBe(false);
});
