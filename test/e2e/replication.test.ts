import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replicationTargets } from "../../live/read-lists.ts";
import { withReader } from "../../live/reader.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { arnIn, hasAll, until, versionsOf } from "../support/replicated.ts";
import { rootClient } from "../support/state.ts";
import { addressOf } from "../support/verified.ts";

const ROOT = join(import.meta.dirname, "../..");
const UP = ["up", "--yes", "--skip-preview"];
const REPLICATOR = { user: "replicator", secret: "a-secret-of-the-replicator" };

/** @param orders what its spec says of replication; absent is nothing */
const spec = (orders?: string): string => `metadata: {version: v1, description: d}
bucket_groups:
  g:
    description: d
    versioning: true
    buckets:
      - {name: shop-orders, description: d${orders === undefined ? "" : `, replication: ${orders}`}}
      - {name: shop-other, description: d}
`;
const ORDERS = "[{to: standby, bucket: orders-copy}]";
const WITH_MARKERS = "[{to: standby, bucket: orders-copy, delete_markers: true}]";
/** What docs/replication.md has a key be given beside docs/replica-policy.json where deletions shall arrive. */
const DELETING = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["s3:DeleteObject", "s3:ReplicateDelete"], Resource: ["arn:aws:s3:::orders-copy/*"] },
  ],
};

let here: TestServer;
let there: TestServer;
let checkout: TestCheckout;
let mcThere: Mc;
let source: S3;
let target: S3;

beforeAll(async () => {
  [here, there] = await Promise.all([TestServer.start(), TestServer.start()]);
  checkout = await TestCheckout.make({ shop: spec() }, here);
  mcThere = new Mc(there);
  [source, target] = [rootClient(here), rootClient(there)];
  await checkout.must("pulumi", ...UP);
  await mcThere.run("mb", "t/orders-copy");
  await mcThere.run("admin", "policy", "create", "t", "replica", join(ROOT, "docs/replica-policy.json"));
  await addReplicator(REPLICATOR.secret);
  await mcThere.run("admin", "policy", "attach", "t", "replica", "--user", REPLICATOR.user);
});

afterAll(async () => {
  for (const client of [source, target]) client.destroy();
  mcThere.remove();
  await Promise.all([checkout.remove(), there.stop()]);
});

const addReplicator = (secret: string) => mcThere.run("admin", "user", "add", "t", REPLICATOR.user, secret);

const set = (key: string, value: string) =>
  checkout.must("pulumi", "config", "set", "--path", `bucketworks:remotes.${key}`, value);

/** By standard input, as a person would type it: an argument could be seen by everybody on the machine. */
async function setSecret(key: string, value: string): Promise<void> {
  const file = join(checkout.root, ".bucketworks", "typed");
  writeFileSync(file, value, { mode: 0o600 });
  const command = `pulumi config set --path --secret 'bucketworks:remoteCredentials.${key}' <"$0"`;
  await checkout.must("sh", "-c", command, file);
}

const rulesHere = () => checkout.run("mc", "replicate", "ls", "--json", "dev/shop-orders").then(({ stdout }) => stdout);
const targetsHere = async (): Promise<string> =>
  JSON.stringify(await withReader(addressOf(here), {}, (reader) => replicationTargets(reader)));

async function upFails(words: RegExp): Promise<void> {
  const up = await checkout.run("pulumi", ...UP);
  expect([up.code, up.stdout]).toEqual([1, expect.stringMatching(words)]);
  expect(up.stdout + up.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect([await rulesHere(), await targetsHere()].join("")).not.toContain("orders-copy");
}

/** What the report says of the bucket that is copied. */
async function copyingHere() {
  const { stdout } = await checkout.run("bin/bucketworks", "report", "--no-identities", "--format", "json");
  return JSON.parse(stdout).replication.entries[0];
}

test("U-089: a remote that the stack lacks, has no key for, or that refuses is one sentence, and nothing changes", async () => {
  checkout.writePlatforms({ shop: spec(ORDERS) });
  await upFails(
    /shop.yaml:7:\d+ dangling-reference .*this stack has no remote "standby" in bucketworks:remotes, which has none/,
  );
  const checked = await checkout.run("bin/bucketworks", "check", "--stage", "dev");
  expect([checked.code, checked.stdout]).toEqual([1, expect.stringMatching(/no remote "standby"/)]);
  await set("standby.endpoint", there.url);
  await upFails(/remote standby has no key in bucketworks:remoteCredentials/);
  await setSecret("standby.accessKey", REPLICATOR.user);
  await setSecret("standby.secretKey", "a-wrong-secret");
  await upFails(
    /bucket shop-orders can't be copied to .*orders-copy: MinIO at .* can't use the other server: .*signature.*remoteCredentials.*nothing was changed/,
  );
  await setSecret("standby.secretKey", REPLICATOR.secret);
  await upFails(/can't be copied to .*orders-copy: that bucket has no versioning .*; nothing was changed/);
  await mcThere.run("version", "enable", "t/orders-copy");
});

test("what comes arrives with version and metadata; no secret is in plaintext anywhere", async () => {
  await source.putObject({ Bucket: "shop-orders", Key: "before.csv", Body: "old" });
  const watch = new ArgvWatch();
  const up = await checkout.run("pulumi", ...UP);
  const seen = watch.stop();
  expect([up.code, up.stdout]).toEqual([
    0,
    expect.stringMatching(/bucketworks:index:Replication\s+shop-orders\s+created/),
  ]);
  const Metadata = { origin: "till 7" };
  const { VersionId } = await source.putObject({ Bucket: "shop-orders", Key: "new.csv", Body: "rows", Metadata });
  await until(async () => (await versionsOf(target, "orders-copy")).some((each) => each.includes("new.csv")));
  const copy = await target.getObject({ Bucket: "orders-copy", Key: "new.csv" });
  expect([copy.VersionId, copy.Metadata, await copy.Body?.transformToString()]).toEqual([VersionId, Metadata, "rows"]);
  const exported = await checkout.must("pulumi", "stack", "export");
  expect(await copyingHere()).toEqual({
    ...{ name: "shop-orders", platform: "shop", answers: true, queued_objects: 0, queued_bytes: 0 },
    ...{ failed_objects: 0, failed_bytes: 0 },
  });
  for (const secret of [REPLICATOR.secret, REPLICATOR.user])
    expect([seen, exported, up.stdout, up.stderr].filter((text) => text.includes(secret))).toEqual([]);
});

test("a second run and a refresh change nothing; scan and verify find the server as the specs say", async () => {
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  for (const command of ["scan", "verify"]) {
    const { code, stdout } = await checkout.run("bin/bucketworks", command);
    expect([command, code, stdout]).toEqual([command, 0, expect.not.stringMatching(/replication/)]);
  }
});

test("a deletion stays on this side, unless the spec says delete_markers", async () => {
  await source.deleteObject({ Bucket: "shop-orders", Key: "new.csv" });
  await source.putObject({ Bucket: "shop-orders", Key: "after.csv", Body: "1" });
  await until(async () => (await versionsOf(target, "orders-copy")).some((each) => each.includes("after.csv")));
  expect((await versionsOf(target, "orders-copy")).filter((each) => each.startsWith("marker"))).toEqual([]);
  const deleting = join(checkout.root, ".bucketworks", "deleting.json");
  writeFileSync(deleting, JSON.stringify(DELETING));
  await mcThere.run("admin", "policy", "create", "t", "deleting", deleting);
  await mcThere.run("admin", "policy", "attach", "t", "deleting", "--user", REPLICATOR.user);
  checkout.writePlatforms({ shop: spec(WITH_MARKERS) });
  await checkout.must("pulumi", ...UP);
  await source.deleteObject({ Bucket: "shop-orders", Key: "after.csv" });
  await until(async () =>
    (await versionsOf(target, "orders-copy")).some((each) => each.startsWith("marker after.csv")),
  );
});

test("a server lost and regained loses nothing: what was written meanwhile arrives, and what was there before all rules", async () => {
  const before = (await versionsOf(source, "shop-orders")).filter((each) => each.includes("before.csv"));
  expect(before).toHaveLength(1);
  await there.pause("SIGKILL");
  const made = await Promise.all(
    Array.from({ length: 30 }, async (_, number) => {
      const Key = `meanwhile/${number % 10}`;
      const { VersionId } = await source.putObject({ Bucket: "shop-orders", Key, Body: String(number) });
      return `object ${Key} ${VersionId}`;
    }),
  );
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  const away = await copyingHere();
  expect(away).toMatchObject({ name: "shop-orders", platform: "shop", answers: false });
  expect(away.failed_objects + away.queued_objects).toBeGreaterThanOrEqual(30);
  await there.resume();
  // Objects older than a rule, and what failed, are copied when the scanner comes to them: else that takes minutes.
  await checkout.must("mc", "admin", "config", "set", "dev", "scanner", "speed=fastest");
  await until(() => hasAll(target, "orders-copy", [...made, ...before]));
  await checkout.must("mc", "admin", "config", "reset", "dev", "scanner");
});

test("a target that was lost with all it had gets everything again by a resync, with the same version ids", async () => {
  const before = (await versionsOf(source, "shop-orders")).filter((each) => each.startsWith("object"));
  await mcThere.run("rb", "--force", "t/orders-copy");
  await mcThere.run("mb", "t/orders-copy");
  await mcThere.run("version", "enable", "t/orders-copy");
  await checkout.must(
    "mc",
    "replicate",
    "resync",
    "start",
    "dev/shop-orders",
    "--remote-bucket",
    arnIn(await rulesHere()),
  );
  await until(() => hasAll(target, "orders-copy", before));
});

test("a server that comes back empty gets what the other one has as copies by a resync in the other direction", async () => {
  const copies = (await versionsOf(target, "orders-copy")).filter((each) => each.startsWith("object"));
  await source.createBucket({ Bucket: "shop-again" });
  await source.putBucketVersioning({ Bucket: "shop-again", VersioningConfiguration: { Status: "Enabled" } });
  const back = `http://${here.user}:${here.password}@${here.endpoint}/shop-again`;
  await mcThere.run("replicate", "add", "t/orders-copy", "--remote-bucket", back, "--priority", "1");
  // A rule alone sends no copy back.
  await target.putObject({ Bucket: "orders-copy", Key: "written-there", Body: "1" });
  await until(async () => (await versionsOf(source, "shop-again")).some((each) => each.includes("written-there")));
  expect(await versionsOf(source, "shop-again")).toHaveLength(1);
  const listed = await mcThere.run("replicate", "ls", "--json", "t/orders-copy");
  await mcThere.run("replicate", "resync", "start", "t/orders-copy", "--remote-bucket", arnIn(listed));
  await until(() => hasAll(source, "shop-again", copies));
  await mcThere.run("replicate", "rm", "--all", "--force", "t/orders-copy");
  // No spec has it: scan would tell of it.
  await checkout.must("mc", "rb", "--force", "dev/shop-again");
});

test("a rule that somebody changed or took away is found by scan, verify and refresh, and made right again", async () => {
  const [id] = /"standby-1"/.exec(await rulesHere()) ?? [];
  expect(id).toBe('"standby-1"');
  await checkout.must("mc", "replicate", "update", "dev/shop-orders", "--id", "standby-1", "--state", "disable");
  for (const command of ["scan", "verify"]) {
    const found = await checkout.run("bin/bucketworks", command);
    expect([command, found.code, found.stdout]).toEqual([
      command,
      1,
      expect.stringMatching(/shop-orders.*replication.standby-1.enabled: expected true, is false/),
    ]);
  }
  const preview = await checkout.run("pulumi", "preview", "--refresh", "--diff");
  expect(preview.stdout).toMatch(/enabled/);
  await checkout.must("pulumi", ...UP, "--refresh");
  expect(await rulesHere()).toContain('"Enabled"');
  await checkout.must("mc", "replicate", "rm", "--all", "--force", "dev/shop-orders");
  const gone = await checkout.run("bin/bucketworks", "scan");
  expect([gone.code, gone.stdout]).toEqual([
    1,
    expect.stringMatching(/replication.standby-1: expected to .*orders-copy, priority 1, .*, is none/),
  ]);
  await checkout.must("pulumi", ...UP, "--refresh");
  expect((await checkout.run("bin/bucketworks", "scan")).code).toBe(0);
});

test("another key is delivered by the next update, and copying goes on with it", async () => {
  await addReplicator("another-secret-of-the-replicator");
  await setSecret("standby.secretKey", "another-secret-of-the-replicator");
  const up = await checkout.run("pulumi", ...UP);
  expect([up.code, up.stdout]).toEqual([
    0,
    expect.stringMatching(/bucketworks:index:Replication\s+shop-orders\s+updated/),
  ]);
  await source.putObject({ Bucket: "shop-orders", Key: "rotated.csv", Body: "1" });
  await until(async () => (await versionsOf(target, "orders-copy")).some((each) => each.includes("rotated.csv")));
});

test("taken out of the spec the rules go, and every object stays on both sides", async () => {
  const before = [await versionsOf(source, "shop-orders"), await versionsOf(target, "orders-copy")];
  checkout.writePlatforms({ shop: spec() });
  await checkout.must("pulumi", ...UP);
  expect([await rulesHere(), await targetsHere()].join("")).not.toContain("orders-copy");
  expect([await versionsOf(source, "shop-orders"), await versionsOf(target, "orders-copy")]).toEqual(before);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("rules and a target that somebody set by hand are not taken over without adopt", async () => {
  const remote = `http://${there.user}:${there.password}@${there.endpoint}/orders-copy`;
  await checkout.must("mc", "replicate", "add", "dev/shop-orders", "--remote-bucket", remote, "--priority", "7");
  checkout.writePlatforms({ shop: spec(ORDERS) });
  const refused = await checkout.run("pulumi", ...UP);
  expect([refused.code, refused.stdout]).toEqual([
    1,
    expect.stringMatching(/has a target .*orders-copy that isn't this stack's, .*adopt: true.*; nothing was changed/),
  ]);
  expect(await rulesHere()).toContain('"Priority":7');
  checkout.writePlatforms({ shop: spec(`${ORDERS}, adopt: true`) });
  await checkout.must("pulumi", ...UP);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a bucket that leaves the specs stays as it is, and goes on being copied", async () => {
  checkout.writePlatforms({ shop: spec().replace(/.*shop-orders.*\n/, "") });
  const up = await checkout.run("pulumi", ...UP);
  expect([up.code, up.stdout]).toEqual([
    0,
    expect.stringMatching(/shop-orders stays on the server and goes on being copied/),
  ]);
  await source.putObject({ Bucket: "shop-orders", Key: "released.csv", Body: "1" });
  await until(async () => (await versionsOf(target, "orders-copy")).some((each) => each.includes("released.csv")));
});
