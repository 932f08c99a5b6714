import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cut, CuttingProxy } from "../support/cutting-proxy.ts";
import { TestServer } from "../support/minio.ts";
import { failure, Plugin } from "../support/plugin.ts";

let server: TestServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(() => server.stop());
afterEach(() => plugin.stop());

const connection = () => ({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });

function aBucket(settings: Record<string, unknown> = {}): Record<string, unknown> {
  const declared = { stage: "dev", platform: "test", onDelete: "delete_if_empty" };
  return { bucket: `made-${++count}`, versioning: false, tags: {}, lifecycle: [], declared, ...settings };
}

describe("a bucket whose creation was cut off", () => {
  const cases: [where: string, cut: Cut, of: RegExp, exists: boolean][] = [
    ["before it reached the server", "before", /^PUT \/made-\d+\/?(\?x-id=CreateBucket)?$/, false],
    ["after the server made it", "after", /^PUT \/made-\d+\/?(\?x-id=CreateBucket)?$/, true],
    ["before its settings could be written", "before", /^PUT \/made-\d+\/?\?versioning/, true],
  ];
  test.each(cases)("%s is in the state, and the next update finishes it", async (_, cut, of, exists) => {
    const proxy = await CuttingProxy.before(server.url);
    try {
      plugin = await Plugin.start();
      await plugin.configure({ ...connection(), endpoint: proxy.endpoint });
      const inputs = aBucket({ versioning: true, tags: { owner: "us" } });
      const id = String(inputs.bucket);
      proxy.cut = (request) => (of.test(request) ? cut : undefined);
      const { message, partial } = await failure(plugin.create(inputs));
      expect(message).toMatch(/connection broken off/);
      expect(partial).toBe(true);
      proxy.cut = () => undefined;
      expect((await plugin.read(id)) !== undefined).toBe(exists);
      await plugin.update(id, { bucket: id }, inputs);
      expect((await plugin.read(id))?.properties).toMatchObject({ versioning: true, tags: { owner: "us" } });
    } finally {
      proxy.stop();
    }
  });

  test("is not taken for ours where the name was somebody's before", async () => {
    plugin = await Plugin.start();
    await plugin.configure(connection());
    const inputs = aBucket();
    await plugin.create(inputs);
    const { message, partial } = await failure(plugin.create(inputs));
    expect(message).toMatch(/exists already/);
    expect(partial).toBe(false);
  });
});

test("a new bucket costs one request, and one more for each setting that its spec has", async () => {
  const proxy = await CuttingProxy.before(server.url);
  try {
    plugin = await Plugin.start();
    await plugin.configure({ ...connection(), endpoint: proxy.endpoint });
    const asked: string[] = [];
    proxy.cut = (request) => {
      asked.push(request.replace(/made-\d+\/?/, "").replace(/[=&].*/, ""));
      return undefined;
    };
    const rule = { ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 90 } };
    await plugin.create(aBucket({ versioning: true, tags: { owner: "us" }, lifecycle: [rule] }));
    expect(asked.sort()).toEqual(["PUT /", "PUT /?lifecycle", "PUT /?tagging", "PUT /?versioning"]);
  } finally {
    proxy.stop();
  }
});

test("a look at a bucket is one request where its deployer may export it; else one that is refused, and one for each setting", async () => {
  const proxy = await CuttingProxy.before(server.url);
  try {
    plugin = await Plugin.start();
    await plugin.configure({ ...connection(), endpoint: proxy.endpoint });
    const inputs = aBucket({ versioning: true, tags: { owner: "us" } });
    await plugin.create(inputs);
    const asked: string[] = [];
    const cuts: Cut[] = [];
    proxy.cut = (request) => {
      asked.push(request.replace(/made-\d+\/?/, "").replace(/[=&].*/, ""));
      return request.includes("export-bucket-metadata") ? cuts.shift() : undefined;
    };
    /** What was asked for one look, which found what is there. */
    const look = async (...cut: Cut[]) => {
      cuts.push(...cut);
      expect((await plugin.read(String(inputs.bucket), inputs, inputs))?.properties).toEqual(inputs);
      return asked.splice(0).sort();
    };
    const exported = "GET /minio/admin/v3/export-bucket-metadata?bucket";
    const settings = ["encryption", "lifecycle", "object-lock", "policy", "tagging", "versioning"];
    const each = [...settings.map((name) => `GET /?${name}`), "GET /minio/admin/v3/get-bucket-quota?bucket"];
    expect(await look()).toEqual([exported]);
    expect(await look("before")).toEqual([exported, exported]);
    expect(await plugin.read("made-by-nobody", inputs, inputs)).toBeUndefined();
    expect(asked.splice(0)).toEqual([expect.stringMatching(/export-bucket-metadata/)]);
    expect(await look("refuse")).toEqual([...each.slice(0, 6), exported, ...each.slice(6)]);
    expect(await look()).toEqual(each);
  } finally {
    proxy.stop();
  }
});
