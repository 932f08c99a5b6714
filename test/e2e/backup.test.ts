import { gunzipSync } from "node:zlib";
import type { S3 } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { VersionEntry } from "../../backup/manifest/schema.ts";
import { BackedUpShop, KEYS, VERSIONS } from "../support/backed-up-shop.ts";
import type { TestCheckout } from "../support/checkout.ts";
import type { CuttingProxy } from "../support/cutting-proxy.ts";
import { drillRefusals, scheduledDrill } from "../support/drilled-shop.ts";
import { Mc } from "../support/mc.ts";

/** Copied one by one while a run is killed. */
const MANY = 1500;

let shop: BackedUpShop;
let checkout: TestCheckout;
let proxy: CuttingProxy;
let s3: S3;
let own: S3;

beforeAll(async () => {
  shop = await BackedUpShop.start();
  ({ checkout, proxy, s3, own } = shop);
});

afterEach(() => {
  proxy.cut = () => undefined;
});

afterAll(() => shop?.remove());

const run = (bucket: string, ...more: string[]) => shop.run(bucket, ...more);
const names = (bucket: string) => shop.names(bucket);
const lastManifest = (bucket: string) => shop.lastManifest(bucket);
const contentOf = (entry: VersionEntry) => shop.contentOf(entry);
const storedVersions = () => shop.storedVersions();

const refuses = (...asked: Parameters<BackedUpShop["refuses"]>) => shop.refuses(...asked);

test("every version is stored and recorded, whatever its key, size, parts and tags, and delete markers are recorded", async () => {
  const { code, stdout, stderr } = await run("shop-raw");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const count = KEYS.length + 3 + VERSIONS + 1;
  expect(stdout).toMatch(
    new RegExp(`^backup of bucket shop-raw: ${count} versions, of them 1 delete marker, .*; ${count - 1} new`),
  );
  const { header, entries, trailer } = await lastManifest("shop-raw");
  expect(header).toMatchObject({ platform: "shop", bucket: "shop-raw", prefixes: [], before: null });
  expect(trailer).toMatchObject({ versions: count, markers: 1, added: count - 1 });
  const sizes = new Map<string, number>();
  for (const { key, marker } of entries) if (!marker) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  expect([...sizes.keys()].sort()).toEqual([...KEYS, "told", "gone", "often", "parts"].sort());
  expect(sizes.get("often")).toBe(VERSIONS);
  expect(entries.filter(({ key }) => key === "gone").map(({ marker, latest }) => [marker, latest])).toEqual([
    [true, true],
    [undefined, false],
  ]);
  const of = (key: string) => entries.find((each) => each.key === key && !each.marker) as VersionEntry;
  for (const key of KEYS) {
    const content = (await contentOf(of(key))).toString();
    expect(content, key).toBe(key.endsWith("/") || key === "empty" ? "" : `content of ${key}`);
  }
  const often = await pMap(entries.filter(({ key }) => key === "often").slice(-300), contentOf, { concurrency: 16 });
  expect(new Set(often.map(String)).size).toBe(300);
  expect((await contentOf(of("parts"))).length).toBe(10 * 1024 * 1024 + 3);
  const metadata = { "content-type": "text/csv", "cache-control": "no-store", "x-amz-meta-owner": "Ann" };
  const checksum = expect.stringMatching(/^SHA256:/);
  expect(of("told")).toMatchObject({ metadata, checksum, tags: { kind: "raw", "a b": "c+d" } });
});

test("a second run stores nothing and asks for nothing but the listing and the manifests", async () => {
  const before = await storedVersions();
  const asked: string[] = [];
  proxy.cut = (request) => {
    asked.push(request);
    return undefined;
  };
  const { code, stdout } = await run("shop-raw");
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/; 0 new \(0 bytes\); manifest /) });
  expect(await storedVersions()).toEqual(before);
  const kinds = asked.map((each) => each.replace(/\?.*(versions)=.*/, " $1").replace(/\?.*/, ""));
  const known =
    /^(HEAD \/shop-raw\/?|GET \/shop-raw versions|GET \/shop-backups\/?|(GET|PUT) \/shop-backups\/daily\/manifests\/.*)$/;
  expect(kinds.filter((each) => !known.test(each))).toEqual([]);
  const { header } = await lastManifest("shop-raw");
  expect(header.before?.name).toBe((await names("shop-raw")).at(-2));
});

test("what is deleted in the source, for good even, stays in the backup; a tag that changed in place is recorded by a full run", async () => {
  const { entries } = await lastManifest("shop-raw");
  const lost = entries.filter(({ key }) => key === "dir-y");
  await s3.deleteObject({ Bucket: "shop-raw", Key: "dir-y", VersionId: lost[0]?.version });
  await s3.putObjectTagging({ Bucket: "shop-raw", Key: "told", Tagging: { TagSet: [{ Key: "new", Value: "tag" }] } });
  const { stdout } = await run("shop-raw");
  expect(stdout).toMatch(
    /; 0 new \(0 bytes\); 1 gone from the bucket since the last backup, which keeps them; manifest/,
  );
  expect((await contentOf(lost[0] as VersionEntry)).toString()).toBe("content of dir-y");
  const now = await lastManifest("shop-raw");
  expect(now.entries.some(({ key }) => key === "dir-y")).toBe(false);
  await run("shop-raw", "--full");
  expect((await lastManifest("shop-raw")).entries.find(({ key }) => key === "told")?.tags).toEqual({ new: "tag" });
});

test("retention and legal hold are recorded, and a bucket without versions is backed up by content", async () => {
  expect((await run("shop-locked")).code).toBe(0);
  const [held, kept] = (await lastManifest("shop-locked")).entries;
  expect(held).toMatchObject({ key: "held", hold: true });
  expect(kept).toMatchObject({ key: "kept", retention: { mode: "GOVERNANCE" } });
  expect(kept?.hold).toBeUndefined();
  await run("shop-plain");
  const [one] = (await lastManifest("shop-plain")).entries;
  await s3.putObject({ Bucket: "shop-plain", Key: "a", Body: "two" });
  await run("shop-plain");
  const [two] = (await lastManifest("shop-plain")).entries;
  expect([one?.version, two?.version]).toEqual(["null", "null"]);
  expect(await Promise.all([one, two].map((each) => contentOf(each as VersionEntry)))).toEqual(
    ["one", "two"].map((text) => Buffer.from(text)),
  );
});

test("runs that are killed record nothing, the next one copies the rest alone, below the prefixes alone", async () => {
  const put = (Key: string) => s3.putObject({ Bucket: "shop-many", Key, Body: Key });
  await pMap(Array.from({ length: MANY }), (_, index) => put(`${index % 2 ? "a" : "b"}/${index}`), { concurrency: 16 });
  await put("outside");
  const before = new Set(await storedVersions());
  for (const after of [40, 400, 900]) {
    const running = checkout.start("bin/bucketworks", "backup", "run", "--bucket", "shop-many");
    let copies = 0;
    proxy.cut = (request) => {
      if (request.startsWith("PUT /shop-backups/daily/objects/") && ++copies === after) running.kill("SIGKILL");
      return undefined;
    };
    expect((await running.outcome).code).not.toBe(0);
    expect(await names("shop-many")).toEqual([]);
  }
  const killed = (await storedVersions()).filter((each) => !before.has(each));
  expect(killed.length).toBeGreaterThan(100);
  const { code, stdout } = await run("shop-many");
  const { entries, trailer } = await lastManifest("shop-many");
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`${MANY} versions`) });
  expect(trailer).toMatchObject({ versions: MANY, added: expect.any(Number) });
  expect(trailer.added).toBeLessThanOrEqual(MANY - killed.length + 1);
  expect(entries.some(({ key }) => key === "outside")).toBe(false);
  for (const entry of [entries[0], entries[700], entries.at(-1)]) {
    expect((await contentOf(entry as VersionEntry)).toString()).toBe(entry?.key);
  }
});

test("two runs at once record whole manifests, or one says that the other has; the next one goes on from there", async () => {
  const outcomes = await Promise.all([run("shop-plain"), run("shop-plain"), run("shop-plain")]);
  for (const { code, stderr } of outcomes) {
    if (code !== 0)
      expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringMatching(/another run has just stored/) });
  }
  expect(outcomes.some(({ code }) => code === 0)).toBe(true);
  const { code, stdout } = await run("shop-plain");
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 1 version, .*; 0 new/) });
});

test("what is written over or deleted while it is backed up is recorded as nothing else, and by the next run as what it is", async () => {
  const put = (Key: string, Body: string) => s3.putObject({ Bucket: "shop-plain", Key, Body });
  for (const key of ["deleted", "looked-at", "over"]) await put(key, `${key}, as listed`);
  const meanwhile: [RegExp, () => Promise<unknown>][] = [
    [/^HEAD .*\/over\?/, () => put("over", "over, and longer than it was")],
    [/^HEAD .*\/deleted\?/, () => s3.deleteObject({ Bucket: "shop-plain", Key: "deleted" })],
    [/^PUT \/shop-backups\/daily\/objects\//, () => put("looked-at", "looked at, as copied")],
  ];
  proxy.cut = async (request) => {
    for (const [at, change] of meanwhile) if (at.test(request)) await change();
    return undefined;
  };
  expect(await run("shop-plain")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/; 3 deleted while it ran; /),
  });
  const keys = async () => (await lastManifest("shop-plain")).entries.map(({ key }) => key);
  expect(await keys()).toEqual(["a"]);
  proxy.cut = () => undefined;
  expect((await run("shop-plain")).stdout).toMatch(/: 3 versions, .*; 2 new/);
  expect(await keys()).toEqual(["a", "looked-at", "over"]);
  const [, looked] = (await lastManifest("shop-plain")).entries;
  expect((await contentOf(looked as VersionEntry)).toString()).toBe("looked at, as copied");
  for (const Key of ["looked-at", "over"]) await s3.deleteObject({ Bucket: "shop-plain", Key });
});

test("the backup's key can read, add and extend, and neither delete, shorten a lock, nor write to a source", async () => {
  const { stored } = (await lastManifest("shop-plain")).entries[0] as VersionEntry;
  const at = { Bucket: "shop-backups", Key: stored?.key ?? "" };
  const version = { ...at, VersionId: stored?.version };
  const refused = { name: "AccessDenied" };
  await expect(own.deleteObject(at)).rejects.toMatchObject(refused);
  await expect(own.deleteObject(version)).rejects.toMatchObject(refused);
  await expect(own.deleteObject({ ...version, BypassGovernanceRetention: true })).rejects.toMatchObject(refused);
  const { Errors = [] } = await own.deleteObjects({ Bucket: at.Bucket, Delete: { Objects: [{ Key: at.Key }] } });
  expect(Errors).toMatchObject([{ Code: "AccessDenied" }]);
  const Retention = { Mode: "COMPLIANCE", RetainUntilDate: new Date(Date.now() + 60_000) } as const;
  await expect(own.putObjectRetention({ ...version, Retention })).rejects.toThrow();
  await expect(own.putObjectRetention({ ...version, Retention, BypassGovernanceRetention: true })).rejects.toThrow();
  await expect(own.putObject({ Bucket: "shop-plain", Key: "x", Body: "" })).rejects.toMatchObject(refused);
  await expect(own.putObject({ Bucket: "shop-backups", Key: "weekly/x", Body: "" })).rejects.toMatchObject(refused);
  await own.putObject({ ...at, Body: "written over" });
  expect((await contentOf((await lastManifest("shop-plain")).entries[0] as VersionEntry)).toString()).toBe("two");
});

test("a scheduled drill works with its own key alone, as in a pod, leaves no bucket behind, and the report tells of it", () =>
  scheduledDrill(shop));

test("the drill's key makes, fills and removes scratch buckets, reads the backups, and is refused everything else", () =>
  drillRefusals(shop));

test("an outage in the midst, a full target, a wrong key and another lock than the spec's: nothing is recorded, one sentence, exit code 3", async () => {
  await s3.putObject({ Bucket: "shop-plain", Key: "b", Body: "new" });
  proxy.cut = (request) => (request.startsWith("PUT /shop-backups/daily/objects/") ? "before" : undefined);
  await refuses("shop-plain", /^backup of bucket shop-plain: nothing was recorded: can't reach MinIO at http:\S+: /);
  proxy.cut = (request) => (request.startsWith("PUT /shop-backups/daily/manifests/") ? "before" : undefined);
  await refuses("shop-plain", /nothing was recorded: can't reach MinIO/);
  proxy.cut = () => undefined;
  await s3.putObject({ Bucket: "shop-plain", Key: "large", Body: Buffer.alloc(100_000) });
  const mc = new Mc(checkout.server);
  await mc.run("quota", "set", "t/shop-backups", "--size", "50KB");
  await refuses("shop-plain", /nothing was recorded: the target is full: .*; raise its quota, or remove what is past/);
  await mc.run("quota", "clear", "t/shop-backups");
  mc.remove();
  await s3.deleteObject({ Bucket: "shop-plain", Key: "large" });
  const named = [
    "MINIO_ACCESS_KEY=nobody-at-all",
    "MINIO_SECRET_KEY=wrong-secret",
    `BUCKETWORKS_SERVER=${checkout.server.url}`,
  ];
  await refuses("shop-plain", /refuses the key in MINIO_ACCESS_KEY and MINIO_SECRET_KEY \(InvalidAccessKeyId\)/, named);
  const lock = (Days: number) =>
    s3.putObjectLockConfiguration({
      Bucket: "shop-backups",
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "COMPLIANCE", Days } },
      },
    });
  await lock(9);
  await refuses(
    "shop-plain",
    /bucket shop-backups locks what is stored for 9 days on the server, longer than keep, 1 days/,
  );
  await lock(1);
  expect((await run("shop-plain")).stdout).toMatch(/2 versions, .*; 0 new/);
});

test("a manifest that was written over is refused, and --full starts without it", async () => {
  const name = (await names("shop-locked")).at(-1) ?? "";
  const Key = `daily/manifests/shop-locked/${name}`;
  const { Body, Metadata } = await s3.getObject({ Bucket: "shop-backups", Key });
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  await s3.putObject({ Bucket: "shop-backups", Key, Body: bytes.subarray(0, -20), Metadata });
  await refuses("shop-locked", /nothing was recorded: manifest \S+ is cut/);
  await s3.putObject({ Bucket: "shop-backups", Key, Body: gunzipSync(bytes), Metadata });
  await refuses("shop-locked", /nothing was recorded: manifest \S+ is cut or altered: incorrect header check/);
  await s3.putObject({ Bucket: "shop-backups", Key, Body: bytes });
  await refuses("shop-locked", /isn't a manifest as a run stores it/);
  const { code, stdout } = await run("shop-locked", "--full");
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 versions, .*; 0 new/) });
  expect((await run("shop-locked")).code).toBe(0);
});

test("backups are kept longer: each lock is extended once, what is there is not stored again", async () => {
  shop.keep(3);
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
  const before = await storedVersions();
  expect((await run("shop-raw")).stdout).toMatch(/; 0 new \(0 bytes\); \d{4} locks extended; manifest/);
  expect((await run("shop-raw")).stdout).toMatch(/; 0 new \(0 bytes\); manifest/);
  expect(await storedVersions()).toEqual(before);
  const { stored } = (await lastManifest("shop-raw")).entries[0] as VersionEntry;
  const at = { Bucket: "shop-backups", Key: stored?.key, VersionId: stored?.version };
  const { Retention } = await s3.getObjectRetention(at);
  expect(Retention?.RetainUntilDate?.toISOString()).toBe(stored?.until);
  expect(Retention?.RetainUntilDate?.getTime()).toBeGreaterThan(Date.now() + 3 * 86_400_000);
});

test("backups are listed with moment, counts and age; a bucket without one is a finding", async () => {
  const { code, stdout } = await shop.backup("list", "--bucket", "shop-locked", "--format", "json");
  const { backups, damaged, without, schemaVersion } = JSON.parse(stdout);
  expect({ code, schemaVersion, without }).toEqual({ code: 1, schemaVersion: 1, without: [] });
  expect(damaged).toMatchObject([
    { bucket: "shop-locked", fault: expect.stringMatching(/isn't a manifest as a run stores it/) },
  ]);
  expect(backups.length).toBeGreaterThanOrEqual(1);
  const counts = { versions: 2, markers: 0, bytes: 8 };
  expect(backups.at(-1)).toMatchObject({ bucket: "shop-locked", ...counts, ageSeconds: expect.any(Number) });
  expect((await shop.backup("list", "--bucket", "shop-raw")).stdout).toMatch(
    /^BUCKET {2}.*\nshop-raw {2}\S+Z {2,}\d+ {2,}1 /,
  );
  expect(await shop.backup("run", "--bucket", "shop-rw")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/did you mean shop-raw\?/),
  });
});
