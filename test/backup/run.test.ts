import { expect, test } from "vitest";
import { backupFaultText } from "../../backup/fault.ts";
import type { VersionEntry } from "../../backup/manifest/schema.ts";
import type { Listed } from "../../backup/run/listing.ts";
import { endsTooSoon, lockEnd } from "../../backup/run/lock.ts";
import { type Merged, merged } from "../../backup/run/merge.ts";
import { tagsReadAt } from "../../backup/run/tags-age.ts";
import type { Connection } from "../../provider/server/connection.ts";

const MODIFIED = "2026-11-29T01:02:03.004Z";
const listed = (key: string, version = "v1", more: Partial<Listed> = {}): Listed => ({
  ...{ key, version, modified: MODIFIED, size: 1, etag: "e", latest: true, marker: false, tags: undefined },
  ...more,
});
const entry = (key: string, version = "v1"): VersionEntry => ({
  ...{ key, version, modified: MODIFIED, size: 1, etag: "e", latest: true },
});

async function* pagesOf(...pages: Listed[][]): AsyncGenerator<Listed[]> {
  yield* pages;
}
async function* formerOf(...entries: VersionEntry[]): AsyncGenerator<VersionEntry> {
  yield* entries;
}

/** `key version known`, or without `known` of a version that is new. */
async function together(pages: AsyncIterable<Listed[]>, ...former: VersionEntry[]): Promise<[string[], number]> {
  const gone = { count: 0 };
  const all: Merged[] = [];
  for await (const page of merged(pages, formerOf(...former), gone)) all.push(...page);
  const found = all.map((each) => `${each.listed.key} ${each.listed.version}${each.former ? " known" : ""}`);
  return [found, gone.count];
}

test("what is new and what is gone is found in one pass, also where a page ends within a key", async () => {
  const pages = pagesOf([listed("a"), listed("c", "v2")], [listed("c"), listed("d")], []);
  const former = [entry("a"), entry("b"), entry("c"), entry("c", "v0"), entry("e"), entry("f")];
  expect(await together(pages, ...former)).toEqual([["a v1 known", "c v2", "c v1 known", "d v1"], 4]);
  expect(await together(pagesOf(), entry("a"), entry("b"))).toEqual([[], 2]);
  expect(await together(pagesOf([listed("a")]))).toEqual([["a v1"], 0]);
});

test("a key without versions is another one once it was written over", async () => {
  const known = entry("a", "null");
  expect(await together(pagesOf([listed("a", "null")]), known)).toEqual([["a null known"], 0]);
  expect(await together(pagesOf([listed("a", "null", { etag: "f" })]), known)).toEqual([["a null"], 1]);
  expect(await together(pagesOf([listed("a", "null", { modified: "2026-11-30T01:02:03.004Z" })]), known)).toEqual([
    ["a null"],
    1,
  ]);
});

test("a listing that isn't sorted is refused: versions would be taken for new, and others for gone", async () => {
  await expect(together(pagesOf([listed("b"), listed("a")]))).rejects.toThrow('in the order of keys: "a" follows');
});

test("a lock lasts longer than a backup is kept, and is extended before it lasts shorter", () => {
  const now = new Date("2026-11-30T02:00:00Z");
  const after = (days: number) => new Date(now.getTime() + days * 86_400_000);
  for (const [keepDays, extra] of [
    [1, 1],
    [35, 9],
    [90, 23],
  ] as const) {
    const lock = { mode: "GOVERNANCE", keepDays } as const;
    const until = lockEnd(lock, now);
    expect(until).toEqual(after(keepDays + extra));
    expect(endsTooSoon(until.toISOString(), lock, after(extra))).toBe(false);
    expect(endsTooSoon(until.toISOString(), lock, after(extra + 1))).toBe(true);
  }
});

test("tags are asked for again by each run of a daily schedule, and not by one an hour later", () => {
  const now = new Date("2026-11-30T02:17:00.000Z");
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
  expect(tagsReadAt(undefined, now)).toBe(now.toISOString());
  for (const hours of [20, 23.9, 24, 200]) expect(tagsReadAt(ago(hours), now)).toBe(now.toISOString());
  for (const hours of [0.1, 1, 19.9]) expect(tagsReadAt(ago(hours), now)).toBe(ago(hours));
});

test("a fault is one sentence that names the server, the key and what to do, and no secret", () => {
  const server = {
    url: "http://minio:9000",
    config: { accessKey: "AKIA", secretKey: "s3cret" },
    signal: new AbortController().signal,
  } as unknown as Connection;
  const asked = { server, key: "the key of shop-bucket-backup-job (stack dev)" };
  const text = (name: string, message: string, status = 400) =>
    backupFaultText(Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } }), asked);
  expect(text("XMinioStorageFull", "Storage backend has reached its minimum free drive threshold.", 507)).toBe(
    "the disk of MinIO at http://minio:9000 is full: Storage backend has reached its minimum free drive threshold.",
  );
  expect(text("XMinioAdminBucketQuotaExceeded", "Bucket quota exceeded")).toBe(
    "the target is full: Bucket quota exceeded; raise its quota, or remove what is past its time",
  );
  expect(text("AccessDenied", "Access Denied.", 403)).toMatch(
    /^the key of shop-bucket-backup-job \(stack dev\) may not/,
  );
  const denied = Object.assign(new Error("Access Denied."), { name: "AccessDenied" });
  expect(backupFaultText(denied, { ...asked, cure: "root may" })).toMatch(/ \(AccessDenied\).*; root may$/);
  expect(text("SignatureDoesNotMatch", "no", 403)).toMatch(/refuses the key of shop-bucket-backup-job .*run pulumi up/);
  for (const name of ["AccessDenied", "SignatureDoesNotMatch", "InternalError"])
    expect(text(name, "x")).not.toContain("s3cret");
});
