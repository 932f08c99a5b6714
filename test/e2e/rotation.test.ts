import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replacedText } from "../../config/values/key-note.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { describeServiceAccount } from "../../provider/server/service-accounts.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { killedAt } from "../support/killed-at.ts";
import { ACCESS, type Key, peopleSpec, UPDATE } from "../support/people.ts";

const ROTATION = "  rotation: {max_age_days: 30, grace_days: 2}\n";
const DAY = 86_400_000;

let checkout: TestCheckout;
/** Between all commands and the server. */
let proxy: CuttingProxy;
let root: Connection;

beforeAll(async () => {
  checkout = await TestCheckout.make({ people: peopleSpec(ACCESS + ROTATION) });
  proxy = await CuttingProxy.before(checkout.server.url);
  writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
  await checkout.must("pulumi", ...UPDATE);
  const { endpoint, user: accessKey, password: secretKey } = checkout.server;
  const config = { endpoint, secure: false, region: "us-east-1", accessKey, secretKey };
  root = connect(config, new AbortController().signal);
});
afterAll(async () => {
  for (const client of root === undefined ? [] : [root.s3, root.s3Once, root.http]) client.destroy();
  proxy?.stop();
  await checkout?.remove();
});

const rotate = (...args: string[]): Promise<Outcome> => checkout.run("bin/bucketworks", "rotate", ...args);

/** The key that the stack hands out. */
async function keyOf(identity: string): Promise<Key> {
  const args = ["stack", "output", "credentials", "--json", "--show-secrets"];
  const key = JSON.parse(await checkout.must("pulumi", ...args))[identity];
  if (key === undefined) throw new Error(`${identity} has no key`);
  return key;
}

/** What the server says to a write with this key: `ok` or the code of the refusal. */
async function write({ accessKey: accessKeyId, secretKey: secretAccessKey }: Key, name = "seen"): Promise<string> {
  const credentials = { accessKeyId, secretAccessKey };
  const { url: endpoint } = checkout.server;
  const s3 = new S3({ endpoint, region: "us-east-1", forcePathStyle: true, maxAttempts: 1, credentials });
  try {
    await s3.putObject({ Bucket: "clean-data", Key: name, Body: "x" });
    return "ok";
  } catch (error) {
    return (error as Error).name;
  } finally {
    s3.destroy();
  }
}

/** Access keys that act for `cleaning`, as the server has them. */
async function accounts(): Promise<string[]> {
  const listed = await checkout.must("mc", "admin", "user", "svcacct", "ls", "dev", "cleaning", "--json");
  return [...listed.matchAll(/"accessKey":"([^"]+)"/g)].map(([, key = ""]) => key).sort();
}

/** As if the grace of a replaced key were over: the server remembers when it ends. */
const graceOver = ({ accessKey }: Key) =>
  describeServiceAccount(root, accessKey, replacedText(new Date(Date.now() - 1000)));

test("a client that writes all the time with the delivered key loses no request while its key is replaced; the old one is refused afterwards", async () => {
  await checkout.must("bin/bucketworks", "key", "show", "cleaning-job", "--format", "json");
  const file = join(checkout.root, ".bucketworks/keys/cleaning-job.json");
  const [answers, seen] = [new Map<string, number>(), new Set<string>()];
  let goesOn = true;
  const client = (async () => {
    for (let index = 0; goesOn; index++) {
      const key = JSON.parse(readFileSync(file, "utf8")) as Key;
      seen.add(key.accessKey);
      const answer = await write(key, `load/${index}`);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      await sleep(20);
    }
  })();
  const before = await keyOf("cleaning-job");
  const watch = new ArgvWatch();
  const first = await rotate("cleaning-job");
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/error/i) });
  expect(first.stdout).toMatch(/^cleaning-job: the new key is delivered; the old one is taken until 20\S+Z$/m);
  expect(first.stdout).toContain(".bucketworks/keys/cleaning-job.json has the new key");
  const now = await keyOf("cleaning-job");
  expect(now.accessKey).not.toBe(before.accessKey);
  expect([await write(before), await write(now)]).toEqual(["ok", "ok"]);
  const early = await rotate("--due");
  expect(early).toMatchObject({ code: 0, stdout: "no key is due\n" });
  expect(await rotate("cleaning-job")).toMatchObject({ code: 0, stdout: expect.stringMatching(/both keys are taken/) });
  expect([await write(before), await write(now)]).toEqual(["ok", "ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");

  await graceOver(before);
  const last = await rotate("--due");
  expect(last, last.stderr).toMatchObject({ code: 0, stdout: "cleaning-job: the old key has ended\n" });
  const argv = watch.stop();
  await sleep(200);
  goesOn = false;
  await client;
  expect([...answers.keys()]).toEqual(["ok"]);
  expect([...seen]).toEqual([before.accessKey, now.accessKey]);
  expect([await write(before), await write(now)]).toEqual(["InvalidAccessKeyId", "ok"]);
  expect(await accounts()).toEqual([now.accessKey]);
  for (const { stdout, stderr } of [first, early, last])
    for (const secret of [before.secretKey, now.secretKey]) expect(stdout + stderr + argv).not.toContain(secret);
  const patterns = [before, now].flatMap(({ secretKey }) => ["-e", secretKey]);
  const found = await checkout.run("grep", "-rlF", ...patterns, ".bucketworks/state", ".bucketworks/logs");
  expect(found).toMatchObject({ code: 1, stdout: "" });
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  await checkout.must("bin/bucketworks", "verify");
});

test("kill -9 while the new key is made, while its delivery is noted and while the old one ends: the next run goes on, one valid key is left", async () => {
  const before = await keyOf("cleaning-job");
  await killedAt(
    checkout,
    proxy,
    /^PUT \/minio\/admin\/v\d\/add-service-account/,
    "bin/bucketworks",
    "rotate",
    "cleaning-job",
  );
  expect(await accounts()).toHaveLength(2);
  expect(await write(before)).toBe("ok");
  const listed = await rotate("--list");
  expect(listed).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/interrupted: the new key is still to be made/),
  });

  await killedAt(
    checkout,
    proxy,
    /^POST \/minio\/admin\/v\d\/update-service-account/,
    "bin/bucketworks",
    "rotate",
    "--due",
  );
  const now = await keyOf("cleaning-job");
  expect(await accounts()).toEqual([before.accessKey, now.accessKey].sort());
  expect([await write(before), await write(now)]).toEqual(["ok", "ok"]);

  // That the answer was lost doesn't matter: the note is there.
  expect(await rotate("--due")).toMatchObject({ code: 0, stdout: "no key is due\n" });
  await describeServiceAccount(root, before.accessKey, "somebody wrote over it");
  expect(await rotate("--list")).toMatchObject({ code: 1, stdout: expect.stringMatching(/delivered isn't proved/) });
  expect(await rotate("--due")).toMatchObject({ code: 0, stdout: expect.stringMatching(/taken until/) });
  expect((await keyOf("cleaning-job")).accessKey).toBe(now.accessKey);

  await graceOver(before);
  await killedAt(
    checkout,
    proxy,
    /^DELETE \/minio\/admin\/v\d\/delete-service-account/,
    "bin/bucketworks",
    "rotate",
    "--due",
  );
  expect(await rotate("--due")).toMatchObject({ code: 0, stdout: expect.stringMatching(/the old key has ended/) });
  expect(await accounts()).toEqual([now.accessKey]);
  expect([await write(before), await write(now)]).toEqual(["InvalidAccessKeyId", "ok"]);
  expect(await rotate("--list")).toMatchObject({ code: 0 });
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

/** As if all keys of service accounts had been made so many days ago. */
async function age(days: number): Promise<void> {
  const state = JSON.parse(await checkout.must("pulumi", "stack", "export"));
  const made = new Date(Date.now() - days * DAY).toISOString();
  for (const resource of state.deployment.resources)
    if (resource.type.endsWith(":IamServiceAccount")) resource.created = made;
  const file = join(checkout.root, ".bucketworks/aged.json");
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  await checkout.must("pulumi", "stack", "import", "--file", file);
}

test("a key older than its platform permits is named by doctor and by rotate --list; a server that is away in the middle loses nothing", async () => {
  const before = await keyOf("cleaning-job");
  expect(await rotate("--list")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/cleaning-job .*replaced from 20/),
  });
  await age(31);
  const listed = await rotate("--list", "--format", "json");
  expect(listed.code).toBe(1);
  expect(JSON.parse(listed.stdout).keys).toMatchObject([{ name: "cleaning-job", phase: "due", isDue: true }]);
  const doctor = await checkout.run("bin/bucketworks", "doctor");
  expect(doctor.stdout).toMatch(/the key of cleaning-job, made 20\S+: to be replaced now/);
  expect(doctor.stdout).toMatch(/rotate --due/);

  // It goes away when the engine begins to make the new key.
  proxy.cut = (request) => (request.includes("add-service-account") ? "before" : undefined);
  const failed = await rotate("--due");
  proxy.cut = () => undefined;
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/not finished \(cleaning-job\).*run it again/),
  });
  expect(failed.stderr).not.toMatch(/ at .*\.ts:\d+/);
  expect(await write(before)).toBe("ok");
  await checkout.server.pause();
  const away = await rotate("--due");
  expect(away).toMatchObject({ code: 3, stderr: expect.stringMatching(/can't reach|ECONN|refuse|answer/i) });
  await checkout.server.resume();
  expect(await write(before)).toBe("ok");
  // Whoever updates in between makes the new key; the old one stays.
  await checkout.must("pulumi", ...UPDATE);
  const now = await keyOf("cleaning-job");
  expect([now.accessKey === before.accessKey, await write(before), await write(now)]).toEqual([false, "ok", "ok"]);
  expect(await rotate("--due")).toMatchObject({ code: 0, stdout: expect.stringMatching(/taken until/) });
  expect((await keyOf("cleaning-job")).accessKey).toBe(now.accessKey);
});

const scan = async (): Promise<{ severity: string; subject: { kind: string; name: string }; message: string }[]> => {
  const found = await checkout.run("bin/bucketworks", "scan", "--format", "json");
  const { findings } = JSON.parse(found.stdout);
  return findings.filter(({ subject }: { subject: { kind: string } }) => subject.kind === "service account");
};

test("in its grace the old key is known to verify, and named by scan with low severity; what only says so is high; a leak ends both", async () => {
  const now = await keyOf("cleaning-job");
  const [old = ""] = (await accounts()).filter((key) => key !== now.accessKey);
  await checkout.must("bin/bucketworks", "verify");
  expect(await scan()).toMatchObject([
    {
      severity: "low",
      subject: { name: old },
      message: expect.stringMatching(/the replaced key of cleaning-job, taken until/),
    },
  ]);
  await describeServiceAccount(root, old, replacedText(new Date(Date.now() + 400 * DAY)));
  expect(await scan()).toMatchObject([{ severity: "high", subject: { name: old } }]);
  await describeServiceAccount(root, old, replacedText(new Date(Date.now() + DAY)));

  await checkout.must("bin/bucketworks", "key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job");
  const last = await keyOf("cleaning-job");
  expect(await accounts()).toEqual([last.accessKey]);
  expect([await write(now), await write(last)]).toEqual(["InvalidAccessKeyId", "ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("an old key that somebody removed by hand is no hindrance: the state forgets it", async () => {
  await checkout.must("bin/bucketworks", "rotate", "cleaning-job");
  const now = await keyOf("cleaning-job");
  const [old = ""] = (await accounts()).filter((key) => key !== now.accessKey);
  await checkout.must("mc", "admin", "user", "svcacct", "rm", "dev", old);
  expect(await rotate("--due")).toMatchObject({ code: 0, stdout: "cleaning-job: the old key has ended\n" });
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("rotate refuses what it can't replace with an overlap, and names what there is", async () => {
  expect(await rotate()).toMatchObject({ code: 2, stderr: expect.stringMatching(/one of the three/) });
  expect(await rotate("--due", "cleaning-job")).toMatchObject({ code: 2 });
  expect(await rotate("cleaning-jab")).toMatchObject({ code: 2, stderr: expect.stringMatching(/mean cleaning-job\?/) });
  expect(await rotate("cleaning")).toMatchObject({ code: 2, stderr: expect.stringMatching(/key rotate cleaning$/m) });
});

test("an issued key works until it ends or is revoked, is listed, low in scan, no stranger to verify, and is printed nowhere", async () => {
  const issue = (...args: string[]) => checkout.run("bin/bucketworks", "key", "issue", ...args);
  expect(await issue("--for", "cleaning", "--expires", "91d")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/1h to 90d/),
  });
  expect(await issue("--for", "cleanin", "--expires", "1d")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/mean cleaning\?/),
  });
  expect(await issue("--for", "cleaning", "--expires", "1d", "--policy", "cleaners")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/mean cleaner\?/),
  });
  const file = join(checkout.root, "review.json");
  const watch = new ArgvWatch();
  const made = await issue(
    "--for",
    "cleaning",
    "--expires",
    "30d",
    "--why",
    "review",
    "--policy",
    "reader",
    "--format",
    "json",
    "--out",
    file,
  );
  const argv = watch.stop();
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const key = JSON.parse(readFileSync(file, "utf8")) as Key;
  expect(made.stdout + made.stderr + argv).not.toContain(key.secretKey);
  // Of the user's policies it has none: the one it is limited to isn't the user's.
  expect(await write(key)).toBe("AccessDenied");
  const whole = await issue("--for", "cleaning", "--expires", "8h");
  expect(whole.code).toBe(0);
  const listed = await checkout.must("bin/bucketworks", "key", "list", "--issued", "--format", "json");
  const { keys } = JSON.parse(listed);
  expect(keys).toMatchObject([
    { user: "cleaning", why: "" },
    { accessKey: key.accessKey, user: "cleaning", why: "review" },
  ]);
  expect(Date.parse(keys[1].expires) - Date.now()).toBeGreaterThan(29 * DAY);
  await checkout.must("bin/bucketworks", "verify");
  expect((await checkout.must("bin/bucketworks", "recover")).trim()).toBe("nothing to recover");
  expect(await scan()).toMatchObject([
    { severity: "low", message: expect.stringMatching(/; issued until 20/) },
    { severity: "low", message: expect.stringMatching(/; issued until 20/) },
  ]);
  const revoke = (name: string, ...args: string[]) => checkout.run("bin/bucketworks", "key", "revoke", name, ...args);
  const { accessKey: own } = await keyOf("cleaning-job");
  expect(await revoke(own, "--yes-revoke", own)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no key that key issue made/),
  });
  expect(await revoke(key.accessKey)).toMatchObject({ code: 2, stderr: expect.stringMatching(/can't ask/) });
  for (const { accessKey } of keys)
    expect(await revoke(accessKey, "--yes-revoke", accessKey)).toMatchObject({ code: 0 });
  expect(await write(key)).toBe("InvalidAccessKeyId");
  expect(await accounts()).toEqual([own]);
  await checkout.server.pause();
  const away = await issue("--for", "cleaning", "--expires", "1d", "--out", join(checkout.root, "none.env"));
  await checkout.server.resume();
  expect(away).toMatchObject({ code: 3, stderr: expect.stringMatching(/no key is handed over/) });
  expect(existsSync(join(checkout.root, "none.env"))).toBe(false);
});
