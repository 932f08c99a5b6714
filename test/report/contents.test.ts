import { expect, test } from "vitest";
import type { Bucket } from "../../config/model.ts";
import type { ListedVersion } from "../../live/read-objects.ts";
import { rulesByTags, Tally } from "../../report/contents.ts";
import { suggestions } from "../../report/suggestions.ts";
import { aBucket } from "../support/a-bucket.ts";

const NOW = new Date("2026-11-30T12:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;
const MIB = 2 ** 20;
const RULE = { enabled: true, prefix: "", tags: {}, noncurrentDays: null, keepVersions: null, transition: null };

function daysAgo(days: number): number {
  return NOW.getTime() - days * DAY_MS;
}

function current(key: string, bytes: number, age: number): ListedVersion {
  return { key, bytes, modified: daysAgo(age), isMarker: false, supersededAt: null };
}

function former(key: string, bytes: number, age: number, since: number): ListedVersion {
  return { key, bytes, modified: daysAgo(age), isMarker: false, supersededAt: daysAgo(since) };
}

function tallied(bucket: Bucket, entries: readonly ListedVersion[]) {
  const tally = new Tally(bucket, NOW);
  for (const entry of entries) tally.add(entry);
  return tally.result();
}

function sumsOf(list: readonly { readonly objects: number }[]): number[] {
  return list.map(({ objects }) => objects);
}

const PLAIN: Partial<Bucket> = { versioning: false, retentionDays: null, noncurrentDays: null, lifecycle: [] };

test("every age has one class, its end excluded", () => {
  const bucket = aBucket(PLAIN);
  const ages = [0, 0.9, 1, 6.9, 7, 30, 89.9, 90, 180, 364, 365, 9999];
  const { ages: classes } = tallied(
    bucket,
    ages.map((age, index) => current(`k${index}`, 1, age)),
  );
  expect(classes.map(({ from_days, to_days }) => [from_days, to_days])).toEqual([
    ...[
      [0, 1],
      [1, 7],
      [7, 30],
      [30, 90],
      [90, 180],
      [180, 365],
    ],
    [365, null],
  ]);
  expect(sumsOf(classes)).toEqual([2, 2, 1, 2, 1, 2, 2]);
});

test("the ten largest prefixes stay, and keys without a slash, wherever they stand between", () => {
  const names = Array.from({ length: 30 }, (_, index) => String(index).padStart(2, "0"));
  const entries = names.flatMap((name, index) => [
    current(`${name}-root`, 100, 0),
    current(`${name}/a`, index + 1, 0),
    current(`${name}/b`, index + 1, 0),
  ]);
  const { prefixes } = tallied(aBucket(PLAIN), entries);
  expect(prefixes).toHaveLength(10);
  expect(prefixes[0]).toEqual({ prefix: "", bytes: 3000, objects: 30 });
  expect(prefixes[1]).toEqual({ prefix: "29/", bytes: 60, objects: 2 });
  expect(prefixes.at(-1)).toEqual({ prefix: "21/", bytes: 44, objects: 2 });
});

test("retention ends current versions at midnight after their days, and each span holds those before it", () => {
  const bucket = aBucket({ ...PLAIN, retentionDays: 10 });
  const { expires } = tallied(bucket, [current("due", 1, 40), current("soon", 1, 9), current("later", 1, 0)]);
  expect(expires.map(({ within_days, objects }) => [within_days, objects])).toEqual([
    [1, 1],
    [7, 2],
    [30, 3],
    [90, 3],
  ]);
});

test("a rule ends what is below its prefix alone, a disabled one and one by tags nothing", () => {
  const lifecycle = [
    { ...RULE, id: "cache", prefix: "_cache/", expireDays: 1 },
    { ...RULE, id: "off", enabled: false, expireDays: 1 },
    { ...RULE, id: "tagged", tags: { keep: "no" }, expireDays: 1 },
  ];
  const bucket = aBucket({ ...PLAIN, lifecycle });
  const { expires } = tallied(bucket, [current("_cache/a", 5, 9), current("data/a", 7, 9)]);
  expect(expires.at(-1)).toEqual({ within_days: 90, bytes: 5, objects: 1 });
  expect(rulesByTags(bucket)).toEqual(["tagged"]);
});

test("former versions end by the time since another took their place, and the newest of them stay where a rule says so", () => {
  const versions = [
    current("k", 1, 1),
    former("k", 10, 100, 1),
    former("k", 20, 200, 100),
    former("k", 40, 300, 200),
    former("other", 80, 50, 49),
  ];
  const ended = (lifecycle: Bucket["lifecycle"], noncurrentDays: number | null) =>
    tallied(aBucket({ ...PLAIN, versioning: true, noncurrentDays, lifecycle }), versions).expires.map(
      ({ bytes }) => bytes,
    );
  expect(ended([], 30)).toEqual([140, 140, 150, 150].map((bytes, index) => (index < 2 ? 140 : bytes)));
  const keep = [{ ...RULE, id: "keep", expireDays: null, noncurrentDays: 30, keepVersions: 1 }];
  expect(ended(keep, null)).toEqual([60, 60, 60, 60]);
});

test("marks of deletion are nothing that is held", () => {
  const marker = { key: "k", bytes: 0, modified: daysAgo(1), isMarker: true, supersededAt: null };
  const { bytes, objects, versions } = tallied(aBucket({ ...PLAIN, versioning: true }), [marker, former("k", 3, 9, 1)]);
  expect({ bytes, objects, versions }).toEqual({ bytes: 3, objects: 0, versions: 1 });
});

test("expire_days is suggested where it would free a tenth of the bucket or more, the longest first", () => {
  const bucket = aBucket(PLAIN);
  const found = tallied(bucket, [
    current("a", 500 * MIB, 400),
    current("b", 300 * MIB, 100),
    current("c", 10 * MIB, 40),
  ]);
  expect(suggestions(bucket, found, true)).toEqual([
    "expire_days 365 would free 500.0 MiB (1 objects of that age)",
    "expire_days 90 would free 800.0 MiB (2 objects of that age)",
  ]);
  expect(suggestions(bucket, found, false)[0]).toContain("would free at least 500.0 MiB");
});

test("nothing is suggested that the bucket has already, that object lock keeps, or that is too little", () => {
  const old = [current("a", 500 * MIB, 400)];
  const having = aBucket({ ...PLAIN, retentionDays: 30 });
  expect(suggestions(having, tallied(having, old), true)).toEqual([]);
  const locked = aBucket({ ...PLAIN, objectLock: { mode: "governance", days: 30 } });
  expect(suggestions(locked, tallied(locked, old), true)).toEqual([]);
  const little = aBucket(PLAIN);
  expect(suggestions(little, tallied(little, [current("a", 1000, 400)]), true)).toEqual([]);
});

test("former versions that no rule ends are told", () => {
  const bucket = aBucket({ ...PLAIN, versioning: true });
  const found = tallied(bucket, [current("a", MIB, 0), former("a", 3 * MIB, 50, 40)]);
  expect(suggestions(bucket, found, true)).toEqual([
    "noncurrent_days 30 would end former versions that nobody uses: there are 3.0 MiB in 1 former versions",
  ]);
});
