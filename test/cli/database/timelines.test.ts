import { describe, expect, test } from "vitest";
import { type BaseBackup, baseFor, readCatalogue } from "../../../database/backup/catalog.ts";
import { gapsAfter } from "../../../database/backup/segments.ts";
import { FIRST_TIMELINE, historyName, historyTimeline, readHistory } from "../../../database/backup/timelines.ts";

/** The server went back from 0/9000000 to 0/5000000 of its first timeline, and goes on on the second. */
const WENT_BACK = readHistory(2, "1\t0/5000000\tbefore 2026-11-30 02:00:00+00\n");

function entry(hour: string, timeline: number, end: string): object {
  const time = (minute: string): string => `2026-11-30T${hour}:${minute}:00+00:00`;
  const log = { timeline, begin_wal: `0000000${timeline}0000000000000003`, end_xlog: end };
  return { backup_id: `at${hour}`, status: "DONE", begin_time_iso: time("00"), end_time_iso: time("10"), ...log };
}

function bases(...entries: object[]): readonly BaseBackup[] {
  return readCatalogue(JSON.stringify({ backups_list: entries })).whole;
}

describe("the base backup of a moment, after a restore into the live server's place", () => {
  const whole = bases(entry("01", 1, "0/3000100"), entry("03", 1, "0/7000100"), entry("06", 2, "0/6000100"));
  const at = (time: string): string | undefined => baseFor(whole, new Date(`2026-11-30T${time}Z`), WENT_BACK)?.id;

  test("is never one that was made after the moment that the server went back to, on the timeline that was left", () => {
    expect(at("04:00")).toBe("at01");
    expect(baseFor(whole.slice(0, 2), null, WENT_BACK)?.id).toBe("at01");
    expect(baseFor(whole.slice(1, 2), null, WENT_BACK)).toBeUndefined();
  });

  test("is one of the newest timeline where that was whole by then", () => {
    expect([at("06:10"), at("06:09"), at("01:10"), at("01:09")]).toEqual(["at06", "at01", "at01", undefined]);
    expect(baseFor(whole, null, WENT_BACK)?.id).toBe("at06");
  });

  test("follows the history of the newest timeline alone, past those that were left on another way", () => {
    const third = readHistory(3, "1\t0/4000000\tno recovery target specified\n");
    const three = bases(entry("01", 1, "0/3000100"), entry("06", 2, "0/6000100"), entry("08", 3, "0/5000000"));
    expect(baseFor(three, new Date("2026-11-30T07:00Z"), third)?.id).toBe("at01");
    expect(baseFor(three, null, third)?.id).toBe("at08");
  });

  test("is the newest one where nothing was ever left", () => {
    expect(baseFor(whole.slice(0, 2), null, FIRST_TIMELINE)?.id).toBe("at03");
  });
});

describe("the history of a timeline", () => {
  test("has a name by which it is asked for and found again, compressed or not", () => {
    expect(historyName(26)).toBe("0000001A.history");
    expect(["0000001A.history", "0000001A.history.gz", "000000010000000000000003.gz"].map(historyTimeline)).toEqual([
      26,
      26,
      null,
    ]);
  });

  test("that is something else is an error", () => expect(() => readHistory(2, "<html>")).toThrow());
});

describe("gaps of the archived log", () => {
  const base = { timeline: 1, firstSegment: "0000000100000000000000FE" };
  const named = (timeline: number, ...segments: string[]): string[] =>
    segments.map((each) => `0000000${timeline}${each}.gz`);

  test("are what is missing from the base backup's first segment to the newest one", () => {
    const names = named(1, "00000000000000FE", "0000000100000001", "0000000100000003", "0000000000000001");
    expect(gapsAfter(base, names, FIRST_TIMELINE)).toEqual([
      { first: "0000000100000000000000FF", last: "000000010000000100000000", count: 2 },
      { first: "000000010000000100000002", last: "000000010000000100000002", count: 1 },
    ]);
    expect(gapsAfter(base, named(1, "00000000000000FE", "00000000000000FF"), FIRST_TIMELINE)).toEqual([]);
  });

  test("take the way to the newest timeline: the segment in which one was left is the next one's", () => {
    const left = readHistory(2, "1\t1/1000028\tbefore 2026-11-30 02:00:00+00\n");
    const old = named(1, "00000000000000FE", "00000000000000FF", "0000000100000000", "0000000100000003");
    expect(gapsAfter(base, [...old, ...named(2, "0000000100000001", "0000000100000002")], left)).toEqual([]);
    expect(gapsAfter(base, [...old, ...named(2, "0000000100000002")], left)).toEqual([
      { first: "000000020000000100000001", last: "000000020000000100000001", count: 1 },
    ]);
  });

  test("aren't filled by a part of a segment, nor by the note of a base backup", () => {
    const names = ["0000000100000000000000FE.partial", "0000000100000000000000FE.00000028.backup"];
    expect(gapsAfter(base, [...names, ...named(1, "00000000000000FF")], FIRST_TIMELINE)).toHaveLength(1);
  });
});
