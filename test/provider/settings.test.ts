import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KMS_KEY, TestServer } from "../support/minio.ts";
import { Plugin } from "../support/plugin.ts";
import { ROOT, tool } from "../support/toolchain.ts";

const run = promisify(execFile);

let server: TestServer;
let plugin: Plugin;
/** Of an identity that may no more than docs/deployer-policy.json says: it asks for each setting by itself. */
let deployer: Plugin;
let mcHome: string;

beforeAll(async () => {
  server = await TestServer.start();
  plugin = await Plugin.start();
  await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
  mcHome = mkdtempSync(join(tmpdir(), "bucketworks-mc-"));
  await mc("admin", "user", "add", "t", "deployer", "deployer-secret");
  await mc("admin", "policy", "create", "t", "deployer", join(ROOT, "docs/deployer-policy.json"));
  await mc("admin", "policy", "attach", "t", "deployer", "--user", "deployer");
  deployer = await Plugin.start();
  await deployer.configure({ endpoint: server.endpoint, rootUser: "deployer", rootPassword: "deployer-secret" });
});

afterAll(async () => {
  await plugin.stop();
  await deployer.stop();
  await server.stop();
  rmSync(mcHome, { recursive: true, force: true });
});

/** MinIO's own client: what somebody would do by hand. */
async function mc(...args: string[]): Promise<void> {
  const host = `http://${server.user}:${server.password}@${server.endpoint}`;
  await run(tool("mc"), ["--quiet", ...args], { env: { ...process.env, MC_CONFIG_DIR: mcHome, MC_HOST_t: host } });
}

let count = 0;

function aBucket(settings: Record<string, unknown> = {}): Record<string, unknown> {
  const declared = { stage: "dev", platform: "test", onDelete: "delete_if_empty" };
  return { bucket: `settings-${++count}`, versioning: true, tags: {}, lifecycle: [], declared, ...settings };
}

const DAYS_90 = { ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 90 } };
const POLICY = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "PublicRead",
      Effect: "Allow",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::any/public/*",
    },
  ],
};

/** Each setting: two values, and the command that changes it behind the provider's back. */
const SETTINGS: [setting: string, from: unknown, to: unknown, byHand: (bucket: string) => string[]][] = [
  ["versioning", true, false, (b) => ["version", "suspend", `t/${b}`]],
  ["versioning", true, false, (b) => ["version", "enable", "--excluded-prefixes", "tmp/*", `t/${b}`]],
  ["tags", { owner: "a" }, { owner: "b", team: "c" }, (b) => ["tag", "set", `t/${b}`, "owner=z"]],
  ["tags", { owner: "a" }, {}, (b) => ["tag", "remove", `t/${b}`]],
  ["lifecycle", [DAYS_90], [], (b) => ["ilm", "rule", "rm", "--all", "--force", `t/${b}`]],
  [
    "lifecycle",
    [DAYS_90],
    [
      { ...DAYS_90, Expiration: { Days: 30 } },
      { ID: "b", Status: "Enabled", Filter: { Prefix: "x/", Tags: { k: "v", l: "w" } }, Expiration: { Days: 1 } },
      {
        ID: "c",
        Status: "Disabled",
        Filter: { Prefix: "m/" },
        NoncurrentVersionExpiration: { NoncurrentDays: 10, NewerNoncurrentVersions: 3 },
      },
      { ID: "d", Status: "Enabled", Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
      { ID: "e", Status: "Enabled", Filter: { ObjectSizeGreaterThan: 1024 }, Expiration: { Days: 2 } },
      { ID: "f", Status: "Enabled", Filter: { Prefix: "007 'a' & \"b\"<\t>é " }, Expiration: { Days: 3 } },
      { ID: "g", Status: "Enabled", Filter: {}, Expiration: { Date: "2030-01-01T00:00:00.000Z" } },
    ],
    (b) => ["ilm", "rule", "add", "--expire-days", "5", `t/${b}`],
  ],
  [
    "lifecycle",
    [DAYS_90],
    [{ ...DAYS_90, ID: "other" }],
    (b) => [
      "ilm",
      "rule",
      "edit",
      "--id",
      "retention",
      "--expire-days",
      "90",
      "--expire-all-object-versions",
      `t/${b}`,
    ],
  ],
  ["encryption", { algorithm: "AES256" }, undefined, (b) => ["encrypt", "clear", `t/${b}`]],
  [
    "encryption",
    { algorithm: "AES256" },
    { algorithm: "aws:kms", keyId: KMS_KEY },
    (b) => ["encrypt", "set", "sse-kms", KMS_KEY, `t/${b}`],
  ],
  ["policy", undefined, POLICY, (b) => ["anonymous", "set", "download", `t/${b}`]],
  ["quota", 1_000_000_000, 2_000_000_000, (b) => ["quota", "set", `t/${b}`, "--size", "3GiB"]],
  ["quota", 1_000_000_000, undefined, (b) => ["quota", "clear", `t/${b}`]],
];

function fitted(value: unknown, bucket: string): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value).replaceAll(":::any/", `:::${bucket}/`));
}

describe.each(SETTINGS)("%s from %j to %j", (setting, from, to, byHand) => {
  test("reads back as created, so a second run changes nothing", async () => {
    const base = aBucket();
    const { inputs } = await plugin.check({ ...base, [setting]: fitted(from, String(base.bucket)) });
    const state = await plugin.create(inputs);
    const seen = await plugin.read(state.id, state.properties, state.inputs);
    expect(seen?.properties).toEqual(inputs);
    expect(seen?.inputs).toEqual(inputs);
    expect(await plugin.diff(seen?.properties ?? {}, inputs)).toEqual([]);
    expect(await deployer.read(state.id, state.properties, state.inputs)).toEqual(seen);
  });

  test("is changed and changed back", async () => {
    const base = aBucket();
    const name = String(base.bucket);
    const first = (await plugin.check({ ...base, [setting]: fitted(from, name) })).inputs;
    const second = (await plugin.check({ ...base, [setting]: fitted(to, name) })).inputs;
    await plugin.create(first);
    for (const [olds, news] of [
      [first, second],
      [second, first],
    ] as const) {
      const paths = await plugin.diff(olds, news);
      expect(paths.length).toBeGreaterThan(0);
      expect(paths.every((path) => path.startsWith(setting))).toBe(true);
      await plugin.update(name, olds, news);
      expect((await plugin.read(name, news, news))?.properties).toEqual(news);
    }
  });

  test("changed behind the provider's back is seen by the next read and fixed by the next update", async () => {
    const base = aBucket();
    const name = String(base.bucket);
    const { inputs } = await plugin.check({ ...base, [setting]: fitted(from, name) });
    await plugin.create(inputs);
    await mc(...byHand(name));
    const drifted = await plugin.read(name, inputs, inputs);
    expect(await deployer.read(name, inputs, inputs)).toEqual(drifted);
    const paths = await plugin.diff(drifted?.properties ?? {}, inputs);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.every((path) => path.startsWith(setting))).toBe(true);
    await plugin.update(name, drifted?.properties ?? {}, inputs);
    expect((await plugin.read(name, inputs, inputs))?.properties).toEqual(inputs);
  });
});

describe("object lock", () => {
  const lock = { mode: "GOVERNANCE", days: 3 };

  test("is born with the bucket, its default retention can be changed and ended", async () => {
    const base = aBucket({ objectLock: lock });
    const name = String(base.bucket);
    await plugin.create(base);
    for (const objectLock of [{ mode: "GOVERNANCE", days: 5 }, {}, { mode: "GOVERNANCE", years: 1 }]) {
      const news = { ...base, objectLock };
      await plugin.update(name, base, news);
      for (const asked of [plugin, deployer]) expect((await asked.read(name, news, news))?.properties).toEqual(news);
    }
  });

  test("changed behind the provider's back is seen", async () => {
    const base = aBucket({ objectLock: lock });
    const name = String(base.bucket);
    await plugin.create(base);
    await mc("retention", "set", "--default", "GOVERNANCE", "9d", `t/${name}`);
    const drifted = await plugin.read(name, base, base);
    expect(await plugin.diff(drifted?.properties ?? {}, base)).toEqual(["objectLock.days"]);
  });

  test("asked for on a bucket that has none is refused before anything is written", async () => {
    const base = aBucket();
    const { failures } = await plugin.check({ ...base, objectLock: lock }, base);
    expect(failures).toEqual([
      { property: "objectLock", reason: expect.stringContaining("object lock must be set when a bucket is created") },
    ]);
  });

  test("taken off a bucket is refused", async () => {
    const base = aBucket({ objectLock: lock });
    const { failures } = await plugin.check({ ...base, objectLock: undefined }, base);
    expect(failures).toEqual([{ property: "objectLock", reason: expect.stringContaining("can't be taken off") }]);
  });
});

test("an imported bucket brings all its settings", async () => {
  const policy = fitted(POLICY, "imported-one") as Record<string, unknown>;
  const { inputs } = await plugin.check({
    bucket: "imported-one",
    versioning: true,
    tags: { owner: "a" },
    lifecycle: [DAYS_90],
    objectLock: { mode: "COMPLIANCE", days: 1 },
    encryption: { algorithm: "aws:kms", keyId: KMS_KEY },
    policy,
    quota: 5_000_000,
  });
  await plugin.create(inputs);
  const imported = await plugin.read("imported-one");
  expect(imported?.inputs).toEqual(inputs);
  expect(imported?.properties).toEqual(inputs);
});
