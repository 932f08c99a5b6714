import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Needs } from "../../provider/needs.ts";
import { Mc } from "../support/mc.ts";
import { KMS_KEY, TestServer } from "../support/minio.ts";
import { failureOf, Plugin } from "../support/plugin.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

let server: TestServer;
let plugin: Plugin;

beforeAll(async () => {
  server = await TestServer.start();
  plugin = await Plugin.start();
});
afterAll(async () => {
  await plugin.stop();
  await server.stop();
});

const ALL: Needs = {
  defaultKey: ["a"],
  keys: { [KMS_KEY]: ["b"] },
  versions: ["c"],
  quotas: ["d"],
  targets: {},
  identities: true,
};

/** What the check of the provider's inputs says of needs; undefined where it passes. */
async function said(needs: Needs, who: object = {}): Promise<string | undefined> {
  const { endpoint, user, password } = server;
  const args = { endpoint, rootUser: user, rootPassword: password, ...who, needs: JSON.stringify(needs) };
  return plugin.checkConfig(args).then(
    () => undefined,
    (error) => failureOf(error).message,
  );
}

test("a server that has what the specs need is asked and passes", async () => {
  expect(await said(ALL)).toBeUndefined();
});

test("a key that the server's KMS doesn't have is named before anything is written, with the buckets that ask for it", async () => {
  expect(await said({ ...ALL, keys: { "no-such-key": ["b", "e"] } })).toMatch(
    /^http:\S+ has no key no-such-key in its KMS, and buckets b, e ask for it: .*; nothing was changed$/,
  );
});

test("an identity that may not ask is no reason to refuse", async () => {
  const mc = new Mc(server);
  const file = join(temporaryFolder(), "lists.json");
  const lists = { Effect: "Allow", Action: ["s3:ListAllMyBuckets"], Resource: ["arn:aws:s3:::*"] };
  writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: [lists] }));
  await mc.run("admin", "policy", "create", "t", "lists", file);
  await mc.run("admin", "user", "add", "t", "lister", "a-secret-of-the-test");
  await mc.run("admin", "policy", "attach", "t", "lists", "--user", "lister");
  mc.remove();
  expect(await said(ALL, { rootUser: "lister", rootPassword: "a-secret-of-the-test" })).toBeUndefined();
});
