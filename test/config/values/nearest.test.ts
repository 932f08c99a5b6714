import { expect, test } from "vitest";
import { isSlip, nearest } from "../../../config/values/nearest.ts";

const known = ["retention_days", "noncurrent_days", "versioning", "naming", "naming_exceptions", "name", "quota"];

test.each([
  ["retention_day", "retention_days"],
  ["retentionDays", "retention_days"],
  ["retention-days", "retention_days"],
  ["retention", "retention_days"],
  ["namingExceptions", "naming_exceptions"],
  ["versionning", "versioning"],
  ["nam", "name"],
  ["quotas", "quota"],
  ["qouta", "quota"],
  ["anme", "name"],
])("%s is meant as %s", (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

test.each(["x", "", "cors", "lifecycle", "constructor"])("%j is near nothing", (word) => {
  expect(nearest(word, known)).toBeNull();
});

test("the answer doesn't depend on the order of the known words", () => {
  expect(nearest("naem", [...known].reverse())).toBe(nearest("naem", known));
});

test.each([
  ["runid", "run_id"],
  ["timefame", "timeframe"],
  ["timefrmae", "timeframe"],
  ["sessions", "session"],
])("%s is a slip of the pen for %s", (word, other) => {
  expect([isSlip(word, other), isSlip(other, word)]).toEqual([true, true]);
});

test.each([
  ["date", "data"],
  ["stage1", "stage2"],
  ["data_version", "model_version"],
  ["timeframe", "timeframe"],
  ["md5_head", "md5_tail"],
])("%s and %s are two names", (word, other) => {
  expect(isSlip(word, other)).toBe(false);
});
