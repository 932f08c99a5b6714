import { afterAll, beforeAll, expect, test } from "vitest";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { Plugin } from "../support/plugin.ts";

const KEEP = { ID: "keep", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 3 } };
const ARCHIVE = {
  ID: "ArchiveOldData",
  Status: "Enabled",
  Filter: { Prefix: "archived/" },
  Transition: { Days: 90, StorageClass: "GLACIER" },
};

let server: TestServer;
let cold: TestServer;
let mc: Mc;
let plugin: Plugin;

beforeAll(async () => {
  [server, cold] = await Promise.all([TestServer.start(), TestServer.start()]);
  mc = new Mc(server);
  plugin = await Plugin.start();
  await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
});

afterAll(async () => {
  await plugin.stop();
  mc.remove();
  await Promise.all([server.stop(), cold.stop()]);
});

async function rulesOnServer(bucket: string): Promise<string[]> {
  const listed = JSON.parse(await mc.run("ilm", "rule", "ls", "--json", `t/${bucket}`));
  return listed.config.Rules.map(({ ID }: { ID: string }) => ID).sort();
}

test("M-056: a rule whose tier the server lacks isn't applied, makes no difference, and is applied once the tier is there", async () => {
  const bucket = "waits-for-a-tier";
  const inputs = (await plugin.check({ bucket, lifecycle: [KEEP, ARCHIVE], versioning: true })).inputs;
  const made = await plugin.create(inputs);
  expect(await rulesOnServer(bucket)).toEqual(["keep"]);
  const seen = await plugin.read(bucket, made.properties, made.inputs);
  expect(await plugin.diff(seen?.properties ?? {}, inputs)).toEqual([]);
  expect(seen?.inputs, "a refresh leaves the rules in their order").toEqual(inputs);

  const coldAlias = new Mc(cold);
  await coldAlias.run("mb", "t/archive");
  coldAlias.remove();
  const { url, user, password } = cold;
  const tier = ["--endpoint", url, "--access-key", user, "--secret-key", password, "--bucket", "archive"];
  await mc.run("ilm", "tier", "add", "minio", "t", "GLACIER", ...tier);

  const later = await plugin.read(bucket, made.properties, made.inputs);
  expect(await plugin.diff(later?.properties ?? {}, inputs)).not.toEqual([]);
  await plugin.update(bucket, later?.properties ?? {}, inputs);
  expect(await rulesOnServer(bucket)).toEqual(["ArchiveOldData", "keep"]);
  const done = await plugin.read(bucket, inputs, inputs);
  expect(await plugin.diff(done?.properties ?? {}, inputs)).toEqual([]);
});
