import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveClient } from "../../live/client.ts";
import { Mc } from "../support/mc.ts";
import { freePort, TestServer } from "../support/minio.ts";
import { failure, Plugin } from "../support/plugin.ts";
import { addressOf } from "../support/verified.ts";

const URN = "urn:pulumi:dev::bucketworks::bucketworks:index:Tier::GLACIER";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

let server: TestServer;
let cold: TestServer;
let mc: Mc;
let coldMc: Mc;
let live: LiveClient;
let plugin: Plugin;

beforeAll(async () => {
  [server, cold] = await Promise.all([TestServer.start({ MINIO_SCANNER_SPEED: "fastest" }), TestServer.start()]);
  [mc, coldMc] = [new Mc(server), new Mc(cold)];
  live = new LiveClient(addressOf(server));
  await coldMc.run("mb", "t/archive");
  plugin = await Plugin.start();
  await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
});

afterAll(async () => {
  await plugin.stop();
  live.close();
  for (const each of [mc, coldMc]) each.remove();
  await Promise.all([server.stop(), cold.stop()]);
});

const inputs = (more: object = {}) => ({
  name: "GLACIER",
  type: "minio",
  endpoint: cold.url,
  bucket: "archive",
  prefix: "glacier",
  accessKey: cold.user,
  secretKey: cold.password,
  onDelete: "retain",
  ...more,
});

/** As the plugin answers them: with both keys in the envelopes that make the engine encrypt them. */
const enveloped = (value: string) => ({ "4dabf18193072939515e22adb298388d": SECRET, value });
const kept = (more: object = {}) => ({
  ...inputs(more),
  accessKey: enveloped(String(inputs(more).accessKey)),
  secretKey: enveloped(String(inputs(more).secretKey)),
});

/** Calls about a tier; those about buckets have no URN. */
async function ofTier<T>(work: () => Promise<T>): Promise<T> {
  plugin.urn = URN;
  try {
    return await work();
  } finally {
    plugin.urn = "";
  }
}

const tiersOnServer = async (): Promise<string[]> => {
  const told = (JSON.parse((await live.admin("tier")).body) ?? []) as { Name: string }[];
  return told.map(({ Name }) => Name);
};

const content = async () => (await live.send({ bucketName: "training-data", objectName: "archived/old.csv" })).body;

test.each([
  [
    "a key that the other store doesn't know",
    () => ({ accessKey: "nobody" }),
    /could not write in .*\/archive\/glacier: .*Access Key Id/,
  ],
  ["a wrong secret", () => ({ secretKey: "wrong-secret" }), /could not write in .*signature/],
  ["a bucket that isn't there", () => ({ bucket: "nowhere" }), /could not write in .*Bucket not found: nowhere/],
  ["a store that is away", () => ({ endpoint: "http://127.0.0.1:1" }), /can't reach http:\/\/127.0.0.1:1: .*refused/],
])("a tier with %s is refused in one sentence that names the setting, and none is made", async (_, more, words) => {
  const refused = await ofTier(() => failure(plugin.create(inputs(more()))));
  expect(refused.message).toMatch(words);
  expect(refused.message).toMatch(/bucketworks:(tiers|tierCredentials)\.GLACIER/);
  expect(refused.message).toMatch(/nothing was changed$/);
  expect(refused.message).not.toContain(String({ ...inputs(), ...more() }.secretKey));
  expect(refused.partial).toBe(false);
  expect(await tiersOnServer()).toEqual([]);
});

test("a tier is made with its keys as secrets, and a second run finds no difference", async () => {
  await ofTier(async () => {
    const checked = await plugin.check(inputs());
    expect(checked).toEqual({ inputs: kept(), failures: [] });
    const made = await plugin.create(checked.inputs);
    expect([made.id, made.properties]).toEqual(["GLACIER", kept()]);
    const seen = await plugin.read("GLACIER", made.properties, made.inputs);
    expect(seen).toEqual({ id: "GLACIER", properties: kept(), inputs: kept() });
    expect(await plugin.diff(seen?.properties ?? {}, checked.inputs)).toEqual([]);
  });
});

test("M-056: a rule of 90 days moves an object of 100 days to GLACIER, and it is read through as before", async () => {
  const rule = { ID: "ArchiveOldData", Status: "Enabled", Filter: { Prefix: "archived/" } };
  const lifecycle = [{ ...rule, Transition: { Days: 90, StorageClass: "GLACIER" } }];
  await plugin.create((await plugin.check({ bucket: "training-data", lifecycle })).inputs);
  const old = new Date(Date.now() - 100 * 24 * 3600 * 1000).toISOString();
  const put = async (objectName: string, headers = {}) =>
    live.send({ method: "PUT", bucketName: "training-data", objectName, payload: `of ${objectName}`, headers });
  const aged = { "x-minio-source-replication-request": "true", "x-minio-source-mtime": old };
  expect((await put("archived/old.csv", aged)).status).toBe(200);
  expect((await put("archived/new.csv")).status).toBe(200);
  const classes = async () => {
    const listed = await live.send({ bucketName: "training-data", query: { "list-type": "2" } });
    const pairs = [...listed.body.matchAll(/<Key>(.*?)<\/Key>.*?<StorageClass>(.*?)<\/StorageClass>/gs)];
    return Object.fromEntries(pairs.map(([, key, kind]) => [key, kind]));
  };
  while ((await classes())["archived/old.csv"] !== "GLACIER") await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await classes()).toEqual({ "archived/new.csv": "STANDARD", "archived/old.csv": "GLACIER" });
  expect(await coldMc.run("ls", "--recursive", "t/archive/glacier/")).toMatch(/ 19B? /);
  expect(await content()).toBe("of archived/old.csv");
});

test("a key changed by hand is found and set back; a new key is taken, a wrong one refused and the old one stays", async () => {
  const { secretKey } = inputs();
  await coldMc.run("admin", "user", "add", "t", "second-key", "second-secret");
  await coldMc.run("admin", "policy", "attach", "t", "readwrite", "--user", "second-key");
  await mc.run("ilm", "tier", "update", "t", "GLACIER", "--access-key", "second-key", "--secret-key", "second-secret");
  await ofTier(async () => {
    const seen = await plugin.read("GLACIER", kept(), kept());
    expect(seen?.properties).toEqual(kept({ accessKey: "second-key" }));
    expect(await plugin.diff(seen?.properties ?? {}, kept())).toEqual(["accessKey"]);
    await plugin.update("GLACIER", seen?.properties ?? {}, kept());
    expect((await plugin.read("GLACIER", kept(), kept()))?.properties).toEqual(kept());
    const wrong = await failure(plugin.update("GLACIER", kept(), kept({ secretKey: "wrong-secret" })));
    expect(wrong.message).toMatch(/^the key of tier GLACIER can't be set: .*could not write.*nothing was changed$/s);
    const second = { accessKey: "second-key", secretKey: "second-secret" };
    await plugin.update("GLACIER", kept(), kept(second));
    expect((await plugin.read("GLACIER", kept(second), kept(second)))?.properties).toEqual(kept(second));
    await plugin.update("GLACIER", kept(second), kept({ secretKey }));
  });
});

test("where it leads can't be changed: the sentence says why, before anything is asked", async () => {
  await ofTier(async () => {
    const { failures } = await plugin.check(inputs({ bucket: "elsewhere" }), inputs());
    expect(failures).toEqual([
      {
        property: "bucket",
        reason: expect.stringMatching(
          /leads to http.*\/archive\/glacier and can't be led to .*\/elsewhere\/glacier \(bucket\): objects/,
        ),
      },
    ]);
    expect((await plugin.check(inputs({ onDelete: "delete_if_empty" }), inputs())).failures).toEqual([]);
  });
});

test("a tier that is there already is left alone, and taken over with adopt where it leads to the same place", async () => {
  await ofTier(async () => {
    expect((await failure(plugin.create(inputs()))).message).toMatch(
      /exists already .*set bucketworks:tiers.GLACIER.adopt to true/,
    );
    expect((await failure(plugin.create(inputs({ adopt: true, bucket: "elsewhere" })))).message).toMatch(
      /leads to .*\/archive\/glacier, not to .*\/elsewhere\/glacier \(bucket\)/,
    );
    expect((await plugin.create(inputs({ adopt: true }))).id).toBe("GLACIER");
  });
});

test("taken out of the program it stays on the server, and one that holds objects isn't removed even with consent", async () => {
  await plugin.stop();
  plugin = await Plugin.start();
  await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
  await ofTier(async () => {
    await plugin.delete("GLACIER", kept());
    expect(await tiersOnServer()).toEqual(["GLACIER"]);
    const refused = await failure(plugin.delete("GLACIER", kept({ onDelete: "delete_if_empty" })));
    expect(refused.message).toMatch(/^tier GLACIER isn't removed: .*holds objects, .*nothing was changed$/s);
    expect(await tiersOnServer()).toEqual(["GLACIER"]);
  });
  expect(await content()).toBe("of archived/old.csv");
});

test("a tier that somebody removed by hand is found gone, and made again only by consent: its place holds objects", async () => {
  await mc.run("ilm", "tier", "rm", "t", "GLACIER", "--force", "--dangerous");
  await ofTier(async () => {
    expect(await plugin.read("GLACIER", kept(), kept())).toBeUndefined();
    const refused = await failure(plugin.create(inputs()));
    expect(refused.message).toMatch(/archive\/glacier holds objects already, .*adopt to true; nothing was changed$/);
    await plugin.create(inputs({ adopt: true }));
  });
  expect(await content()).toBe("of archived/old.csv");
});

test("an empty tier is removed with consent; a server that is away or refuses the right changes nothing", async () => {
  await ofTier(async () => {
    const empty = { name: "COLD", prefix: "cold", onDelete: "delete_if_empty" };
    await plugin.create(inputs(empty));
    await plugin.delete("COLD", kept(empty));
    expect(await tiersOnServer()).toEqual(["GLACIER"]);
    await server.pause();
    expect((await failure(plugin.read("GLACIER", kept(), kept()))).message).toMatch(
      /^tier GLACIER can't be read: can't reach MinIO/,
    );
    await server.resume();
  });
  await mc.run("admin", "user", "add", "t", "deployer", "deployer-secret");
  await mc.run("admin", "policy", "attach", "t", "readwrite", "--user", "deployer");
  const deployer = await Plugin.start();
  await deployer.configure({ endpoint: server.endpoint, rootUser: "deployer", rootPassword: "deployer-secret" });
  deployer.urn = URN;
  expect((await failure(deployer.create(inputs()))).message).toMatch(/needs admin:ListTier/);
  await deployer.stop();
});

test("a port that is no store of objects is said to be none", async () => {
  const endpoint = `https://127.0.0.1:${await freePort()}`;
  const refused = await ofTier(() => failure(plugin.create(inputs({ name: "NONE", endpoint }))));
  expect(refused.message).toMatch(/^tier NONE can't be made: MinIO at .* can't reach https:.*nothing was changed$/);
});
