import { expect, test } from "vitest";
import { isLeft } from "../../../cli/backup/drill-scratch.ts";
import { markOf } from "../../../cli/ending/processes.ts";

const HOUR = 3_600_000;
const HERE = "0123abcd";
const own = markOf(process.pid);
const bucket = (pid: number | undefined, started: string | undefined, host = HERE) =>
  `bucketworks-drill-${host}-${pid}-${started}-00ff`;

test("the scratch bucket of a drill that runs stays, that of one that was killed goes", () => {
  expect(isLeft(bucket(own?.pid, own?.started), HOUR, HERE)).toBe(false);
  expect(isLeft(bucket(own?.pid, "1x"), HOUR, HERE)).toBe(true);
  expect(isLeft(bucket(999_999_999, "1"), 0, HERE)).toBe(true);
});

test("that of another machine, which can't be asked, goes after a day", () => {
  expect(isLeft(bucket(1, "1", "ffffffff"), 23 * HOUR, HERE)).toBe(false);
  expect(isLeft(bucket(1, "1", "ffffffff"), 25 * HOUR, HERE)).toBe(true);
});

test.each(["data", "bucketworks-drill-mine", "bucketworks-drill", `my-${bucket(1, "1")}`, `${bucket(1, "1")}-mine`])(
  "%s is nobody's scratch bucket",
  (name) => {
    expect(isLeft(name, 1000 * HOUR, HERE)).toBe(false);
  },
);
