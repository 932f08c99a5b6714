import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BackedUp } from "../support/backed-up.ts";
import { bucketworks } from "../support/verified.ts";

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
  await made.put("data", "a/deleted", "this is gone later", TAGGED);
  await made.put("data", "b/empty", "");
  await made.put("data", "b/back", "deleted, then there again");
  await made.put("data", `b/${"long-name/".repeat(90)}k`, "a long key");
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

  test("without a name it is made: with versions, tagged with what it is; a second run finds all there", async () => {
    const { stdout, code } = await restore("data", "--to", "latest", "--format", "json");
    const { into, moment, counts } = JSON.parse(stdout);
    expect({ code, moment }).toEqual({ code: 0, moment: second });
    expect(into).toBe(`data-${second.slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase()}z`);
    expect(counts.written.objects).toBe(Object.keys(atSecond).length);
    expect(await made.contents(into)).toEqual(atSecond);
    expect((await made.s3.getBucketVersioning({ Bucket: into })).Status).toBe("Enabled");
    const { TagSet = [] } = await made.s3.getBucketTagging({ Bucket: into });
    expect(TagSet).toContainEqual({ Key: "bucketworks:restored-from", Value: "data" });
    const before = await made.versions(into);
    const again = JSON.parse((await restore("data", "--to", second, "--format", "json")).stdout);
    expect(again.counts).toMatchObject({ written: { objects: 0 }, unchanged: counts.written });
    expect(await made.versions(into)).toEqual(before);
  });

  test("one object, or those below a prefix, come back alone", async () => {
    expect((await restore("data", "--to", first, "--key", "a/deleted", "--into", "one-object")).code).toBe(0);
    expect(await made.contents("one-object")).toEqual({ "a/deleted": atFirst["a/deleted"] });
    expect((await restore("data", "--to", first, "--key", "b/empty", "--into", "one-object")).code).toBe(0);
    expect(Object.keys(await made.contents("one-object"))).toEqual(["a/deleted", "b/empty"]);
    expect((await restore("data", "--to", between, "--prefix", "b/", "--into", "one-prefix")).code).toBe(0);
    const below = Object.entries(atBetween).filter(([key]) => key.startsWith("b/"));
    expect(await made.contents("one-prefix")).toEqual(Object.fromEntries(below));
    const none = await restore("data", "--to", first, "--key", "c/new", "--into", "nothing");
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/has nothing that is chosen/) });
    expect(await made.buckets()).not.toContain("nothing");
  });

  test("a dry run counts objects and bytes, and changes nothing", async () => {
    const before = await made.buckets();
    const { code, stdout } = await restore("data", "--to", first, "--dry-run");
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/6 objects to write \(\d+ bytes\)/),
    });
    expect(await made.buckets()).toEqual(before);
  });

  test("a bucket without versions comes back as its backups saw it", async () => {
    await made.put("plain", "k", "one");
    const then = await made.backUp("plain");
    await made.put("plain", "k", "two");
    await made.backUp("plain");
    expect((await restore("plain", "--to", then, "--into", "plain-then")).code).toBe(0);
    expect(await made.contents("plain-then")).toMatchObject({ k: { body: "one" } });
  });
});

describe("what is refused", () => {
  test("data that are there are neither written over nor mixed with", async () => {
    await made.s3.createBucket({ Bucket: "full" });
    await made.put("full", "a/overwritten", "of somebody else");
    const { code, stderr } = await restore("data", "--to", first, "--into", "full");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /nothing was changed: bucket full holds 1 object .*\n {2}"a\/overwritten": .*\nname a bucket/,
    );
    expect(await made.contents("full")).toMatchObject({ "a/overwritten": { body: "of somebody else" } });
    for (const [into, held] of [
      ["full", "a/overwritten"],
      ["data", "a/kept"],
    ] as const) {
      const among = await restore("data", "--to", first, "--key", "a/deleted", "--into", into);
      expect(among).toMatchObject({ code: 2, stderr: expect.stringContaining(`holds "${held}", which isn't of this`) });
      expect(Object.keys(await made.contents(into))).not.toContain("a/deleted");
    }
    const target = await restore("data", "--to", first, "--into", "backups");
    expect(target).toMatchObject({ code: 2, stderr: expect.stringMatching(/backups is where the backups are/) });
  });

  test.each([
    ["2126-11-20T10:00Z", /is in the future; the 2 backups of bucket data reach from \S+ to \S+/],
    ["2020-11-20T10:00Z", /is before the first backup; the 2 backups/],
    ["2026-11-20T10:00", /no time zone; for UTC write 2026-11-20T10:00Z/],
    ["soon", /"soon" is no moment; write it as/],
  ])("the moment %s can't be restored to, and it is said what can", async (to, words) => {
    const { code, stdout, stderr } = await restore("data", "--to", to);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a moment after the last backup, a bucket without one, and one that nothing backs up", async () => {
    const late = await restore("data", "--to", new Date(Date.now() - 10).toISOString());
    expect(late.stderr).toMatch(/nothing later than \S+ was backed up.* restore what there is by --to latest/);
    expect((await restore("other", "--to", "latest")).stderr).toMatch(
      /bucket other has no backup; bucketworks backup run/,
    );
    expect((await restore("date", "--to", "latest")).stderr).toMatch(
      /no bucket date is backed up; did you mean data\?/,
    );
  });

  test("a wrong key and a server that is away change nothing, in one sentence", async () => {
    const args = ["restore", "data", "--to", first, "--server", made.server.url, made.spec.path];
    const wrong = await bucketworks(args, { ...made.env, MINIO_SECRET_KEY: "wrong-secret-key" });
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringMatching(/refuses .* \(SignatureDoesNotMatch\)/) });
    const away = await bucketworks(args.with(5, "http://127.0.0.1:9"), made.env);
    expect(away).toMatchObject({ code: 3, stderr: expect.stringMatching(/can't reach MinIO/) });
    for (const { stderr } of [wrong, away]) expect(stderr).not.toMatch(/^\s+at |wrong-secret-key/m);
  });
});

describe("in place", () => {
  test("without the second key nothing changes, and what would be done is said", async () => {
    const before = await made.versions("data");
    const { code, stderr } = await restore("data", "--to", first, "--in-place");
    expect(code).toBe(2);
    expect(stderr).toMatch(/into itself .*: .*another version on top.*delete marker.*\n.*--yes-restore data/s);
    const other = await restore("data", "--to", first, "--in-place", "--yes-restore", "date");
    expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/--yes-restore names another bucket, date/) });
    const alone = await restore("data", "--to", first, "--yes-restore", "data");
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringMatching(/goes with --in-place/) });
    expect(await made.versions("data")).toEqual(before);
  });

  test("with it the bucket is as it was, and every version that was there still is", async () => {
    const before = await made.versions("data");
    const { code, stderr } = await restore("data", "--to", first, "--in-place", "--yes-restore", "data");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await made.contents("data")).toEqual(atFirst);
    const after = await made.versions("data");
    const ids = new Set(after.map(({ key, version }) => `${key}@${version}`));
    for (const { key, version } of before) expect(ids).toContain(`${key}@${version}`);
    const again = await restore("data", "--to", first, "--in-place", "--yes-restore", "data", "--format", "json");
    expect(JSON.parse(again.stdout).counts.unchanged.objects).toBe(Object.keys(atFirst).length);
    expect(await made.versions("data")).toEqual(after);
  });

  test("a bucket that keeps no versions is refused: a restore would delete there", async () => {
    const { code, stderr } = await restore("plain", "--to", "latest", "--in-place", "--yes-restore", "plain");
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/plain keeps no versions/) });
  });
});

describe("a drill", () => {
  test("restores, compares and removes, leaves no bucket behind, and the report tells of it", async () => {
    const before = await made.buckets();
    const { code, stdout } = await made.run("backup", "drill", "--bucket", "data", "--all");
    expect(stdout).toMatch(
      /^drill of bucket data: \d objects \(.*\) restored, all as backed up; RTO [\d.]+ s, RPO \d+ s\n$/,
    );
    expect(code).toBe(0);
    expect(await made.buckets()).toEqual(before);
    const sample = await made.run("backup", "drill", "--bucket", "data", "--sample", "2", "--format", "json");
    expect(JSON.parse(sample.stdout).drills).toMatchObject([
      { bucket: "data", objects: 2, passed: true, sample: true },
    ]);
    const { backups } = JSON.parse((await made.run("report", "--no-identities", "--format", "json")).stdout);
    expect(backups.entries).toMatchObject([
      { name: "data", platform: "trial", last_at: second, drill: { passed: true, sample: true, objects: 2 } },
      { name: "odd", last_at: null, drill: null },
      { name: "other", last_at: null, drill: null },
      { name: "plain", last_at: expect.any(String), drill: null },
    ]);
  });

  test("one that is killed leaves its bucket to the next, which removes that and nobody else's", async () => {
    await made.s3.createBucket({ Bucket: "bucketworks-drill-mine" });
    const before = await made.buckets();
    for (const milliseconds of [600, 900, 1200, 1500]) {
      await made.killed(milliseconds, "backup", "drill", "--bucket", "data", "--all");
    }
    expect((await made.run("backup", "drill", "--bucket", "data", "--all")).code).toBe(0);
    expect(await made.buckets()).toEqual(before);
  });
});

describe("verify", () => {
  const verify = (...args: readonly string[]) => made.run("backup", "verify", "--bucket", "data", ...args);

  test("a whole backup has no findings, and its moments are said", async () => {
    const { code, stdout } = await verify("--read");
    const span = `from ${first.replace(".000", "")} to ${second.replace(".000", "")}`;
    expect(stdout).toContain(`  can be restored: ${span}`);
    expect(stdout).toMatch(/^bucket data: 2 manifests, \d+ stored objects looked at, \d+ read\n/);
    expect(code).toBe(0);
    expect((await made.run("backup", "verify", "--bucket", "other")).code).toBe(1);
  });

  test("a manifest that is cut, altered, missing or written over is found, and restore refuses the first two", async () => {
    await made.instead(
      second,
      (now) => now.subarray(0, now.length - 20),
      async () => {
        const { code, stdout } = await verify();
        expect(code).toBe(1);
        expect(stdout).toMatch(/cut: manifest \S+: .*is cut or altered/);
        expect(stdout).toContain(`can be restored: at ${first.replace(".000", "")}`);
        const refused = await restore("data", "--to", between, "--into", "never");
        expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/its digest is another/) });
      },
    );
    const forged = (now: Buffer) => gzipSync(gunzipSync(now).toString().replace('"a/deleted"', '"a/deletes"'));
    await made.instead(first, forged, async () => {
      const { code, stdout } = await verify();
      expect(code).toBe(1);
      expect(stdout).toMatch(/altered: manifest \S+: its digest isn't the one that \S+ has of it/);
      const refused = await restore("data", "--to", first, "--into", "never");
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/its digest is another/) });
    });
    expect(await made.buckets()).not.toContain("never");
    const id = { Bucket: "backups", Key: made.manifest("data", second) };
    const marker = await made.s3.deleteObject(id);
    expect((await verify()).stdout).toMatch(/overwritten: manifest \S+: .*delete marker hides it/);
    await made.s3.deleteObject({ ...id, VersionId: marker.VersionId });
    const over = await made.put("backups", id.Key, "of somebody else");
    expect((await verify()).stdout).toMatch(/overwritten: manifest \S+: something was written over it/);
    expect((await restore("data", "--to", second, "--into", "below-another")).code).toBe(0);
    expect(await made.contents("below-another")).toEqual(atSecond);
    await made.s3.deleteObject({ ...id, VersionId: over.VersionId, BypassGovernanceRetention: true });
    expect((await verify()).code).toBe(0);
  });

  test("a stored object that is gone is found, with the moments it was in; what is left is restored, and it is named", async () => {
    const stored = (await made.versions("backups")).filter(({ key }) => key.startsWith("kept/objects/"));
    const gone = stored.find(({ size }) => size === Buffer.byteLength("this is gone later"));
    const id = { Bucket: "backups", Key: gone?.key ?? "", VersionId: gone?.version };
    await made.s3.deleteObject({ ...id, BypassGovernanceRetention: true });
    const { code, stdout } = await verify();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /damaged: of the state at \S+, 1 version can't be restored:\n {4}"a\/deleted", version \S+: .*isn't there/,
    );
    const restored = await restore("data", "--to", first, "--into", "with-a-loss");
    expect(restored).toMatchObject({ code: 1, stderr: expect.stringMatching(/1 object that couldn't be restored/) });
    expect(restored.stderr).toContain('"a/deleted"');
    const { "a/deleted": _, ...rest } = atFirst;
    expect(await made.contents("with-a-loss")).toEqual(rest);
  });
});
