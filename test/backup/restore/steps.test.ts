import { expect, test } from "vitest";
import type { VersionEntry } from "../../../backup/manifest/schema.ts";
import { isChosen, type Present, restoreSteps, type Selection, Tally } from "../../../backup/restore/steps.ts";

async function* each<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}
async function all<T>(each: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of each) found.push(one);
  return found;
}
const stored = { key: "objects/1", version: "s", until: "2027-11-20T02:00:00.000Z" };
const wanted = (key: string, size = 1, more: Partial<VersionEntry> = {}): VersionEntry => ({
  ...{ key, version: "v", modified: "2026-11-20T02:00:00.000Z", size, etag: "e", latest: true, stored, ...more },
});
const present = (key: string, size = 1): Present => ({ key, size, version: "p" });
const steps = async (want: readonly VersionEntry[], has: readonly Present[], selection: Selection = {}) =>
  (await all(restoreSteps(each(want), each(has), selection))).map((step) => [
    step.kind,
    "wanted" in step ? step.wanted.key : step.present.key,
  ]);

test("each key is written, looked at, replaced or removed, in the order of keys' bytes", async () => {
  const want = [wanted("a"), wanted("b", 2), wanted("c"), wanted("\u{ff5e}"), wanted("\u{1f600}")];
  const has = [present("b"), present("c"), present("d"), present("\u{1f600}", 9)];
  expect(await steps(want, has)).toEqual([
    ["write", "a"],
    ["replace", "b"],
    ["look", "c"],
    ["remove", "d"],
    ["write", "\u{ff5e}"],
    ["replace", "\u{1f600}"],
  ]);
});

test("what isn't chosen is neither written nor removed", async () => {
  const [want, has] = [["a/1", "a/2", "b/1"].map((key) => wanted(key)), [present("a/3"), present("b/2")]];
  expect(await steps(want, has, { prefix: "a/" })).toEqual([
    ["write", "a/1"],
    ["write", "a/2"],
    ["remove", "a/3"],
  ]);
  expect(await steps(want, has, { key: "b/1" })).toEqual([["write", "b/1"]]);
  expect(isChosen("a/1", { prefix: "a/", key: "a/2" })).toBe(false);
});

test("an object of which the backup has no bytes is lost, unless it is there", async () => {
  const without = wanted("a", 1);
  const { stored: _, ...lost } = without;
  expect(await steps([lost], [])).toEqual([["lost", "a"]]);
  expect(await steps([lost], [present("a", 2)])).toEqual([["lost", "a"]]);
  expect(await steps([lost], [present("a")])).toEqual([["look", "a"]]);
});

test("what no manifest covers is neither written nor removed", async () => {
  const covered = [["a/"], [], ["a/", "b/"]];
  const [want, has] = [["a/1", "b/1"].map((key) => wanted(key)), [present("a/2"), present("b/2"), present("c/1")]];
  expect(await steps(want, has, { covered })).toEqual([
    ["write", "a/1"],
    ["remove", "a/2"],
  ]);
  expect(await steps(want, has, { covered: [[]], keys: new Set(["b/1", "c/1"]) })).toEqual([
    ["write", "b/1"],
    ["remove", "c/1"],
  ]);
});

test("counts and bytes are of each outcome, and a few keys are named", () => {
  const tally = new Tally();
  for (let index = 0; index < 9; index++) tally.add("lost", { key: `k${index}`, size: 2, reason: "gone" });
  tally.add("removed", { key: "r", size: 3 });
  tally.add("unchanged", { key: "u", size: 1 });
  expect(tally.lost).toEqual({ objects: 9, bytes: 18 });
  expect(tally.all).toBe(11);
  expect(tally.examples.map(({ key }) => key)).toEqual(["k0", "k1", "k2", "k3", "k4", "r"]);
});
