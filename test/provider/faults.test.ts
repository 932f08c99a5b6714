import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { failure, failureOf, Plugin } from "../support/plugin.ts";
import { makePolicy } from "../support/scanned.ts";
import { rootClient } from "../support/state.ts";
import { ROOT } from "../support/toolchain.ts";

const DEPLOYER_POLICY = JSON.parse(readFileSync(join(ROOT, "docs", "deployer-policy.json"), "utf8"));
/** Asked for by commands, not by the plugin. */
const NOT_OF_BUCKETS = new Set(["s3:ListAllMyBuckets"]);

let server: TestServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(() => server.stop());
afterEach(() => plugin.stop());

const connection = () => ({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });

async function configured(): Promise<Plugin> {
  plugin = await Plugin.start();
  await plugin.configure(connection());
  return plugin;
}

function aBucket(settings: Record<string, unknown> = {}): Record<string, unknown> {
  const declared = { stage: "dev", platform: "test", onDelete: "delete_if_empty" };
  return { bucket: `faults-${++count}`, versioning: false, tags: {}, lifecycle: [], declared, ...settings };
}

function readableByAnybody(bucket: string): object {
  const statement = { Effect: "Allow", Principal: { AWS: ["*"] }, Action: ["s3:GetObject"] };
  return { Version: "2012-10-17", Statement: [{ ...statement, Resource: [`arn:aws:s3:::${bucket}/open/*`] }] };
}

describe("before anything is asked of a bucket, checking and configuring say in one sentence that", () => {
  const cases: [what: string, change: () => Record<string, unknown>, words: RegExp][] = [
    [
      "nothing listens there",
      () => ({ endpoint: "127.0.0.1:1" }),
      /can't reach MinIO at http:\/\/127\.0\.0\.1:1: connection refused/,
    ],
    [
      "the host name is unknown",
      () => ({ endpoint: "no-such-host.invalid:9000" }),
      /host name (unknown|can't be looked up)/,
    ],
    ["the access key is unknown", () => ({ rootUser: "nobody" }), /refuses the credentials \(InvalidAccessKeyId\)/],
    [
      "the secret key is wrong",
      () => ({ rootPassword: "wrong-wrong" }),
      /refuses the credentials \(SignatureDoesNotMatch\)/,
    ],
    ["the server doesn't speak TLS", () => ({ secure: "true" }), /doesn't speak TLS/],
  ];
  test.each(cases)("%s", async (_, change, words) => {
    plugin = await Plugin.start();
    const config = { ...connection(), ...change() };
    for (const call of [() => plugin.checkConfig(config), () => plugin.configure(config)]) {
      const { message } = await failure(call());
      expect(message).toMatch(words);
      expect(message).toMatch(/nothing was changed$/);
      expect(message).not.toContain(server.password);
      expect(message).not.toContain("\n");
    }
  });
});

test("a user without rights is told so, and where to find what deploying needs", async () => {
  const mc = new Mc(server);
  await mc.run("admin", "user", "add", "t", "powerless", "a-long-secret");
  mc.remove();
  plugin = await Plugin.start();
  const config = { ...connection(), rootUser: "powerless", rootPassword: "a-long-secret" };
  const { message } = await failure(plugin.configure(config));
  expect(message).toMatch(/rootUser may not do this on MinIO at .*docs\/deployer-policy\.json/);
});

test("a deployer that lacks a right is told which one", async () => {
  const mc = new Mc(server);
  const deployer = { rootUser: "limited-deployer", rootPassword: "a-long-secret" };
  await mc.run("admin", "user", "add", "t", deployer.rootUser, deployer.rootPassword);
  const [buckets, admin] = DEPLOYER_POLICY.Statement;
  const rights = [...buckets.Action.filter((action: string) => !NOT_OF_BUCKETS.has(action)), "admin:SetBucketQuota"];
  plugin = await Plugin.start();
  const full = {
    versioning: true,
    tags: { owner: "us" },
    encryption: { algorithm: "AES256" },
    lifecycle: [{ ID: "old", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 3 } }],
    quota: 1 << 30,
  };
  const told: Record<string, boolean> = {};
  for (const right of ["", ...rights]) {
    const without = ({ Action, ...rest }: { Action: string[] }) => ({
      ...rest,
      Action: Action.filter((action) => action !== right),
    });
    await makePolicy(mc, "limited", { ...DEPLOYER_POLICY, Statement: [without(buckets), without(admin)] });
    if (right === "") await mc.run("admin", "policy", "attach", "t", "limited", "--user", deployer.rootUser);
    const messages: string[] = [];
    const tell = (error: unknown) => messages.push(failureOf(error).message);
    await plugin.configure({ ...connection(), ...deployer }).catch(tell);
    for (const settings of [full, { objectLock: { mode: "GOVERNANCE", days: 1 }, versioning: true }]) {
      const bucket = `faults-${count + 1}`;
      const inputs = aBucket({ ...settings, policy: readableByAnybody(bucket) });
      const id = String(inputs.bucket);
      await plugin.create(inputs).catch(tell);
      await plugin.read(id, inputs, inputs).catch(tell);
      if (settings === full) await plugin.update(id, inputs, aBucket({ bucket: id, versioning: true })).catch(tell);
      await plugin.delete(id, inputs).catch(tell);
    }
    told[right] = messages.some((message) =>
      new RegExp(`which needs [^;]*\\b${right}\\b[^;]*; docs/deployer-`).test(message),
    );
    if (right === "") expect(messages).toEqual([]);
  }
  expect(told).toEqual({ "": false, ...Object.fromEntries(rights.map((right) => [right, true])) });
  mc.remove();
});

test("a server that is gone is an error of the read, never an absent bucket", async () => {
  const provider = await configured();
  const inputs = aBucket();
  const { id } = await provider.create(inputs);
  await server.pause();
  try {
    expect((await failure(provider.read(id, inputs, inputs))).message).toMatch(/can't be read: can't reach MinIO/);
    expect((await failure(provider.create(aBucket()))).message).toMatch(/can't be created: can't reach MinIO/);
    expect((await failure(provider.update(id, inputs, inputs))).message).toMatch(/can't reach MinIO/);
    expect((await failure(provider.delete(id, inputs))).message).toMatch(/can't be deleted: can't reach MinIO/);
  } finally {
    await server.resume();
  }
  expect((await provider.read(id, inputs, inputs))?.id).toBe(id);
});

test("a bucket deleted by hand is absent, so that the next update makes it again", async () => {
  const provider = await configured();
  const inputs = aBucket();
  await provider.create(inputs);
  await provider.delete(String(inputs.bucket), inputs);
  expect(await provider.read(String(inputs.bucket), inputs, inputs)).toBeUndefined();
});

test("a bucket deleted while an update runs is said to be gone and is not made by the update", async () => {
  const provider = await configured();
  const inputs = aBucket();
  const { message } = await failure(provider.update(String(inputs.bucket), inputs, inputs));
  expect(message).toMatch(/is gone from .*run pulumi up --refresh/);
});

test("an existing bucket is refused without adopt, and taken over with its settings changed with it", async () => {
  const provider = await configured();
  const inputs = aBucket({ tags: { owner: "somebody" } });
  await provider.create(inputs);
  const wanted = { ...inputs, tags: { owner: "us" } };
  expect((await failure(provider.create(wanted))).message).toMatch(/exists already .* adopt: true/);
  expect((await provider.read(String(inputs.bucket)))?.properties.tags).toEqual({ owner: "somebody" });
  await provider.create({ ...wanted, adopt: true });
  expect((await provider.read(String(inputs.bucket)))?.properties.tags).toEqual({ owner: "us" });
});

test("object lock on an existing bucket refuses the take-over, and the bucket stays unknown and untouched", async () => {
  const provider = await configured();
  const inputs = aBucket({ tags: { owner: "somebody" } });
  await provider.create(inputs);
  const wanted = { ...inputs, adopt: true, versioning: true, tags: {}, objectLock: { mode: "GOVERNANCE", days: 1 } };
  const { message, partial } = await failure(provider.create(wanted));
  expect(message).toMatch(
    /without object lock, .* declare a new bucket with it and copy the objects; nothing was changed/,
  );
  expect(partial).toBe(false);
  expect((await provider.read(String(inputs.bucket)))?.properties).toMatchObject({
    versioning: false,
    tags: { owner: "somebody" },
  });
});

test("a setting that the server refuses leaves the bucket in the state, with the reason", async () => {
  const provider = await configured();
  const inputs = aBucket({ encryption: { algorithm: "aws:kms", keyId: "no-such-key" } });
  const { message, partial } = await failure(provider.create(inputs));
  expect(message).toMatch(/^encryption of bucket faults-\d+ can't be written: /);
  expect(partial).toBe(true);
  expect((await provider.read(String(inputs.bucket)))?.properties.encryption).toBeUndefined();
});

test("retain forgets without asking the server; anything else deletes an empty bucket only", async () => {
  const provider = await configured();
  const kept = aBucket({ declared: { stage: "dev", platform: "t", onDelete: "retain" } });
  await provider.create(kept);
  await provider.delete(String(kept.bucket), kept);
  expect(await provider.read(String(kept.bucket))).toBeDefined();
  const undeclared = aBucket({ declared: undefined });
  await provider.create(undeclared);
  await provider.delete(String(undeclared.bucket), undeclared);
  expect(await provider.read(String(undeclared.bucket))).toBeDefined();
});

test.each(["delete_if_empty", "purge"])(
  "a bucket with objects is refused with counts under on_delete %s",
  async (onDelete) => {
    const provider = await configured();
    const inputs = aBucket({ versioning: true, declared: { stage: "dev", platform: "t", onDelete } });
    const bucket = String(inputs.bucket);
    await provider.create(inputs);
    await put(bucket, "a");
    await put(bucket, "a");
    const { message } = await failure(provider.delete(bucket, inputs));
    expect(message).toMatch(/isn't empty: 2 object versions and 0 delete markers; nothing was deleted/);
    expect((await provider.read(bucket))?.properties.versioning).toBe(true);
  },
);

test("secret inputs stay secret in what the provider answers", async () => {
  const provider = await configured();
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
  });
  const inputs = aBucket({ tags: secret({ token: "hidden" }) });
  const checked = (await provider.check(inputs)).inputs;
  expect(checked.tags).toEqual(secret({ token: "hidden" }));
  const state = await provider.create(checked);
  expect(state.properties.tags).toEqual(secret({ token: "hidden" }));
  const seen = await provider.read(state.id, state.properties, checked);
  expect(seen?.properties.tags).toEqual(secret({ token: "hidden" }));
  expect(seen?.inputs.tags).toEqual(secret({ token: "hidden" }));
});

test("cancel ends a request to a server that doesn't answer", async () => {
  const provider = await configured();
  server.freeze();
  try {
    const waiting = failure(provider.read("faults-any"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await provider.cancel();
    expect((await waiting).message).toBe("bucket faults-any can't be read: cancelled");
  } finally {
    server.thaw();
  }
});

test("preview creates nothing and dials nothing", async () => {
  plugin = await Plugin.start();
  const inputs = aBucket();
  expect((await plugin.create(inputs, true)).id).toBe("");
});

async function put(Bucket: string, Key: string): Promise<void> {
  const client = rootClient(server);
  await client.putObject({ Bucket, Key, Body: "x" });
  client.destroy();
}
