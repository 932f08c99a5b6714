import { expect, test } from "vitest";
import {
  agesWords,
  amountWords,
  bytesWords,
  instantWords,
  latencyWords,
  percentWords,
  scoreWords,
  spanWords,
} from "../../../report/page/words.ts";

test("bytes are told in powers of 1024 with three digits", () => {
  const told = [0, 1, 1023, 1024, 10 * 1024, 1023.9 * 2 ** 20, 1.5 * 2 ** 40, 2 ** 60, 3000 * 2 ** 60].map(bytesWords);
  expect(told).toEqual([
    "0 B",
    "1 B",
    "1023 B",
    "1.00 KiB",
    "10.0 KiB",
    "1.00 GiB",
    "1.50 TiB",
    "1.00 EiB",
    "3000 EiB",
  ]);
});

test("an amount has two digits after its point", () => {
  expect([0, 0.126, 1234.5].map(amountWords)).toEqual(["0.00", "0.13", "1,234.50"]);
});

test("a score is never told better than it is, nor what is nearly full as full", () => {
  expect([100, 99.96, 0, null].map(scoreWords)).toEqual(["100.0", "99.9", "0.0", "–"]);
  expect([0, 0.04, 4.26, 99.99, 100, 130.5].map(percentWords)).toEqual([
    "0%",
    "under 0.1%",
    "4.3%",
    "99%",
    "100%",
    "130%",
  ]);
});

test("times are told as somebody says them, in UTC", () => {
  const hour = 3_600_000;
  expect([1000, 80_000, 10 * 60_000, 26 * hour, 3 * 24 * hour].map(spanWords)).toEqual([
    "1 second",
    "80 seconds",
    "10 minutes",
    "26 hours",
    "3 days",
  ]);
  expect(instantWords("2026-11-29T09:00:59.123Z")).toBe("2026-11-29 09:00 UTC");
  expect([0, 4.26, 12.7, 1250].map(latencyWords)).toEqual(["0 ms", "4.3 ms", "13 ms", "1.3 s"]);
  expect([agesWords(0, 1), agesWords(0, 7), agesWords(7, 30), agesWords(365, null)]).toEqual([
    "under 1 day",
    "under 7 days",
    "7 to 30 days",
    "365 days and more",
  ]);
});
