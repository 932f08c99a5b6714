import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackedUp } from "../support/backed-up.ts";

let made: BackedUp;
/** Moments of manifests, and what `data` held then. */
let first: string;
let second: string;
/** Between the two. */
let between: string;
let atFirst: Record<string, unknown>;
let atBetween: Record<string, unknown>;
let atSecond: Record<string, unknown>;

const TAGGED = { Tagging: "owner=a%2Bb%20c&class=gold", ContentType: "text/csv", CacheControl: "no-store" };

beforeAll(async () => {
  made = await BackedUp.start();
  await made.put("data", "a/kept", "one", { ...TAGGED, Metadata: { origin: "sensor 7" } });
  await made.put("data", "a/overwritten", "old");
  await made.put("data", "a/overwritten", "before");
  await made.put("data", "a/deleted", "gone later", TAGGED);
  await made.put("data", "b/empty", "");
  await made.put("data", "b/back", "deleted, then there again");
  await made.put("data", `b/${"long-".repeat(100)}`, "a long key");
  await made.put("data", "b/ +&?#%=<>'\"ü\u{1f600}", "signs");
  await made.s3.deleteObject({ Bucket: "data", Key: "b/back" });
  first = await made.backUp("data");
  atFirst = await made.contents("data");
  await made.put("data", "a/overwritten", "between", { Metadata: { step: "2" } });
  await made.s3.deleteObject({ Bucket: "data", Key: "a/deleted" });
  await made.put("data", "b/back", "again");
  await made.put("data", "c/new", "made between");
  between = new Date(Date.now() + 5).toISOString();
  atBetween = await made.contents("data");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await made.put("data", "a/overwritten", "after");
  await made.put("data", "c/late", "made after");
  await made.s3.deleteObject({ Bucket: "data", Key: "c/new" });
  second = await made.backUp("data");
  atSecond = await made.contents("data");
  // After the last backup: nobody can bring this back.
  await made.put("data", "a/kept", "unsaved");
}, 300_000);

afterAll(() => made?.remove());

const restore = (...args: readonly string[]) => made.run("restore", ...args);

describe("into a fresh bucket", () => {
  test("what a bucket held at a manifest's moment and between two comes back exactly: content, metadata, tags", async () => {
    for (const [to, then, into] of [
      [first, atFirst, "at-first"],
      [between, atBetween, "at-between"],
      [second, atSecond, "at-second"],
    ] as const) {
      const { code, stdout, stderr } = await restore("data", "--to", to, "--into", into);
      expect(stderr).toMatch(/bucket data as it was at .* into bucket at-\w+ on http:.*: \d objects to write/);
      expect(stdout).toMatch(/objects written .*; all compared, bucket at-\w+ is as it was\n$/);
      expect(code).toBe(0);
      expect(await made.contents(into)).toEqual(then);
    }
    expect(Object.keys(atBetween)).toContain("c/new");
    expect(Object.keys(atSecond)).not.toContain("c/new");
  });
});
