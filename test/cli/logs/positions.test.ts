import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Position, readAdded } from "../../../cli/logs/positions.ts";

let folder: string;
let log: string;
let positions: readonly Position[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "positions-"));
  log = join(folder, "a.log");
  positions = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(): readonly string[] {
  const found = readAdded(log, positions);
  positions = found.positions;
  return found.lines;
}

describe("what was added to a log", () => {
  test("is read once, and only whole lines of it", () => {
    expect(read()).toEqual([]);
    writeFileSync(log, "one\ntwo\nthr");
    expect(read()).toEqual(["one", "two"]);
    expect(read()).toEqual([]);
    appendFileSync(log, "ee\n\n");
    expect(read()).toEqual(["three"]);
  });

  test("is found again after the log was copied and emptied", () => {
    writeFileSync(log, "one\n");
    expect(read()).toEqual(["one"]);
    appendFileSync(log, "two\n");
    copyFileSync(log, `${log}.1`);
    expect(readAdded(log, positions).lines).toEqual(["two"]);
    truncateSync(log);
    appendFileSync(log, "three, which is longer than all that was there before\n");
    expect(read()).toEqual(["two", "three, which is longer than all that was there before"]);
    expect(read()).toEqual([]);
  });

  test("is found again after the log was moved away, while its writer goes on in the moved one", () => {
    writeFileSync(log, "one\n");
    expect(read()).toEqual(["one"]);
    renameSync(log, `${log}.1`);
    writeFileSync(log, "three\n");
    appendFileSync(`${log}.1`, "two\n");
    expect(read()).toEqual(["two", "three"]);
    appendFileSync(`${log}.1`, "late\n");
    expect(read()).toEqual(["late"]);
  });

  test("is read from the beginning of a new log that has the old one's name", () => {
    writeFileSync(log, "one\ntwo\n");
    read();
    writeFileSync(log, "another beginning\n");
    expect(read()).toEqual(["another beginning"]);
    expect(positions).toHaveLength(1);
  });

  test("has a gap where what was read last is gone, and none where it was moved away once", () => {
    const move = (text: string) => {
      appendFileSync(log, text);
      copyFileSync(log, `${log}.1`);
      truncateSync(log);
    };
    const gap = () => {
      const found = readAdded(log, positions);
      positions = found.positions;
      return found.isGap;
    };
    expect(gap()).toBe(false);
    writeFileSync(log, "one\n");
    expect(gap()).toBe(false);
    move("two\n");
    expect(gap()).toBe(false);
    appendFileSync(log, "three\n");
    expect(gap()).toBe(false);
    move("four\n");
    move("five\n");
    expect(gap()).toBe(true);
    expect(gap()).toBe(false);
    rmSync(log);
    rmSync(`${log}.1`);
    expect(gap()).toBe(true);
    expect(gap()).toBe(false);
  });

  test("comes in pieces where a line is longer than what is read at once", () => {
    writeFileSync(log, `${"x".repeat(1024 * 1024 + 10)}\nnext\n`);
    expect(read().map((line) => line.length)).toEqual([1024 * 1024]);
    expect(read()).toEqual(["x".repeat(10), "next"]);
  });

  test("says how much is left behind what is read at once", () => {
    writeFileSync(log, `${"x".repeat(99)}\n`.repeat(20_000));
    expect(readAdded(log, []).left).toBeGreaterThan(900_000);
  });
});
