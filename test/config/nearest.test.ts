import { expect, test } from "vitest";
import { nearest } from "../../config/nearest.ts";

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
])("%s is meant as %s", (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

test.each(["x", "", "cors", "lifecycle", "constructor"])("%j is near nothing", (word) => {
  expect(nearest(word, known)).toBeNull();
});

test("the answer doesn't depend on the order of the known words", () => {
  expect(nearest("naem", [...known].reverse())).toBe(nearest("naem", known));
});
