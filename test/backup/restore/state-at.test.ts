import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys } from "../../../backup/manifest/order.ts";
import type { VersionEntry } from "../../../backup/manifest/schema.ts";
import { noVersions, stateAt } from "../../../backup/restore/state-at.ts";

const EPOCH = Date.parse("2026-11-20T00:00Z");
const instant = (minute: number): string => new Date(EPOCH + minute * 60_000).toISOString();

/** A version, with the minutes from which on it is there and no longer. */
interface Lived {
  readonly version: VersionEntry;
  readonly made: number;
  /** Infinity where nobody removed it for good. */
  readonly gone: number;
}

const KEYS = ["a", "a/b", "a-b", "ä", "\u{ff5e}", "\u{1f600}"];

/** One thing that is done to a key, minute by minute. */
const deeds = fc.array(
  fc.record({ key: fc.constantFrom(...KEYS), deed: fc.constantFrom("put", "delete", "erase" as const) }),
  { maxLength: 40 },
);

function lives(done: readonly { readonly key: string; readonly deed: string }[]): Lived[] {
  const all: Lived[] = [];
  for (const [made, { key, deed }] of done.entries()) {
    if (deed === "erase") {
      const last = all.findLastIndex(({ version, gone }) => version.key === key && gone === Infinity);
      const found = all[last];
      if (found !== undefined) all[last] = { ...found, gone: made };
      continue;
    }
    const about = { key, version: `v${made}`, modified: instant(made), size: made, etag: `e${made}`, latest: false };
    const stored = { key: `objects/${made}`, version: "s", until: instant(999_999) };
    all.push({ made, gone: Infinity, version: deed === "put" ? { ...about, stored } : { ...about, marker: true } });
  }
  return all;
}

/** What a run at a minute lists. */
function manifest(all: readonly Lived[], minute: number): VersionEntry[] {
  return all
    .filter(({ made, gone }) => made <= minute && minute < gone)
    .map(({ version }) => version)
    .toSorted((a, b) => compareKeys(a.key, b.key) || Date.parse(b.modified) - Date.parse(a.modified));
}

async function* each(versions: readonly VersionEntry[]): AsyncGenerator<VersionEntry> {
  yield* versions;
}

async function all<T>(each: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of each) found.push(one);
  return found;
}

const state = async (moment: number, before: readonly VersionEntry[], after: readonly VersionEntry[]) =>
  all(stateAt(new Date(EPOCH + moment * 60_000), each(before), each(after)));

test("the state at a moment is that of a bucket at that moment, from the manifests around it, whatever was done", () =>
  fc.assert(
    fc.asyncProperty(deeds, fc.nat(40), fc.nat(40), fc.nat(40), async (done, ...minutes) => {
      const [first = 0, moment = 0, second = 0] = minutes.toSorted((a, b) => a - b);
      // What is erased between the first manifest and the moment is taken for there: no manifest saw when it went.
      const lived = lives(done).map((each) =>
        each.made <= first && first < each.gone && each.gone <= moment ? { ...each, gone: Infinity } : each,
      );
      // What is made and erased between two manifests, nobody saw.
      const seen = lived.filter(({ made, gone }) => !(made > first && gone <= second));
      const there = new Map<string, VersionEntry>();
      for (const { version, made, gone } of seen) if (made <= moment && moment < gone) there.set(version.key, version);
      const naive = [...there.values()]
        .filter(({ marker }) => marker !== true)
        .toSorted((a, b) => compareKeys(a.key, b.key));
      const [before, after] = [manifest(lives(done), first), manifest(lives(done), second)];
      expect(await state(moment, before, after)).toEqual(naive);
    }),
    { numRuns: 500 },
  ));

const version = (key: string, minute: number, more: Partial<VersionEntry> = {}): VersionEntry => ({
  ...{ key, version: `v${minute}`, modified: instant(minute), size: 1, etag: "e", latest: true, ...more },
});

test("of an unversioned bucket an overwritten object comes from the manifest before, a later one from that after", async () => {
  const [old, young] = [version("k", 1, { version: "null", etag: "old" }), version("k", 5, { version: "null" })];
  expect(await state(3, [old], [young])).toEqual([old]);
  expect(await state(5, [old], [young])).toEqual([young]);
});

test("tags of a version are those before the moment; bytes that the first run could not store are the second's", async () => {
  const stored = { key: "objects/1", version: "s", until: instant(999_999) };
  const [before, after] = [version("k", 1, { tags: { a: "1" } }), version("k", 1, { tags: { a: "2" }, stored })];
  expect(await state(3, [before], [after])).toEqual([{ ...before, stored }]);
});

test("at a manifest's own instant it tells all by itself, and keys out of order are refused", async () => {
  const moment = new Date(EPOCH);
  const one = version("a", 0);
  expect(await all(stateAt(moment, each([one]), noVersions()))).toEqual([one]);
  const unsorted = all(stateAt(moment, each([version("b", 0), one]), noVersions()));
  await expect(unsorted).rejects.toThrow(/"a" after "b"/);
});
