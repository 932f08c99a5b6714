import { expect, test } from "vitest";
import { type Claims, claimsAfter } from "../../../cli/local/stack/managed.ts";

const FIRST = new Date("2026-01-02T03:04:05.678Z");
const LATER = new Date("2026-01-03T00:00:00Z");
const ours: Claims = new Map([["a", FIRST.toISOString()]]);

test("a claim to a bucket ends when the bucket is gone, and one that is made by hand later is not ours", () => {
  expect(claimsAfter(ours, new Map(), ["a"]).size).toBe(0);
  expect(claimsAfter(ours, new Map([["a", LATER]]), []).size).toBe(0);
});

test("a bucket that the stack let go is still ours while it is the same one", () => {
  expect(claimsAfter(ours, new Map([["a", FIRST]]), ["a"])).toEqual(ours);
  expect(claimsAfter(ours, new Map([["a", FIRST]]), [])).toEqual(ours);
});

test("what a run made or changed is ours from then on, what it met elsewhere is not", () => {
  const live = new Map([
    ["a", LATER],
    ["b", LATER],
    ["theirs", LATER],
  ]);
  expect(claimsAfter(ours, live, ["a", "b"])).toEqual(
    new Map([
      ["a", LATER.toISOString()],
      ["b", LATER.toISOString()],
    ]),
  );
});

test("no claim ends because the server couldn't be asked", () => {
  expect(claimsAfter(ours, undefined, ["b"])).toEqual(new Map([...ours, ["b", undefined]]));
});

test("a claim that an earlier version wrote without a time holds for the bucket that is there", () => {
  const old: Claims = new Map([["a", undefined]]);
  expect(claimsAfter(old, new Map([["a", FIRST]]), [])).toEqual(ours);
  expect(claimsAfter(old, new Map(), []).size).toBe(0);
});
