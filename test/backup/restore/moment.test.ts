import { expect, test } from "vitest";
import { manifestsAround, parseMoment } from "../../../backup/restore/moment.ts";

test.each([
  ["2026-11-20T10:00Z", "2026-11-20T10:00:00.000Z"],
  ["2026-11-20 12:00:30+02:00", "2026-11-20T10:00:30.000Z"],
  ["2026-11-20T10:00:00.250Z", "2026-11-20T10:00:00.250Z"],
  ["2026-11-20T05:30-0430", "2026-11-20T10:00:00.000Z"],
])("%s is a moment", (text, instant) => {
  expect(parseMoment(text)).toEqual({ at: new Date(instant) });
});

test.each([
  ["2026-11-20T10:00", /no time or no time zone; for UTC write 2026-11-20T10:00Z/],
  ["2026-11-20 10:00", /for UTC write 2026-11-20T10:00Z/],
  ["2026-11-20", /for UTC write 2026-11-20T00:00Z/],
  ["2026-02-31T10:00Z", /no moment/],
  ["2026-11-20T25:00Z", /no moment/],
  ["yesterday", /no moment; write it as 2026-11-20T10:00Z, or latest/],
  ["1", /no moment/],
  ["", /no moment/],
])("%j is refused, with the form that is meant", (text, words) => {
  expect(parseMoment(text)).toEqual({ fault: expect.stringMatching(words) });
});

const at = (time: string) => ({ instant: new Date(`2026-11-20T${time}Z`) });
const NOW = new Date("2026-11-20T12:00Z");
const THREE = [at("03:00"), at("01:00"), at("02:00")];

test("the manifests around a moment are the last one before it and the first one after it", () => {
  expect(manifestsAround(THREE, new Date("2026-11-20T01:30Z"), NOW)).toEqual({
    before: at("01:00"),
    after: at("02:00"),
  });
  expect(manifestsAround(THREE, new Date("2026-11-20T02:00Z"), NOW)).toEqual({ before: at("02:00"), after: undefined });
});

test.each([
  ["2026-11-20T00:59Z", THREE, "too early"],
  ["2026-11-20T03:01Z", THREE, "too late"],
  ["2026-11-20T12:01Z", THREE, "future"],
  ["2026-11-20T02:00Z", [], "none"],
] as const)("of %s the state isn't known: %#", (moment, manifests, refusal) => {
  expect(manifestsAround(manifests, new Date(moment), NOW)).toEqual({ refusal });
});
