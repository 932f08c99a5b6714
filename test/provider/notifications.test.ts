import { afterAll, beforeAll, expect, test } from "vitest";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { Plugin } from "../support/plugin.ts";

let server: TestServer;
let plugin: Plugin;
let mc: Mc;

const target = (name: string) => ({
  [`MINIO_NOTIFY_WEBHOOK_ENABLE_${name}`]: "on",
  [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`]: "http://127.0.0.1:1/x",
});
const ARN = "arn:minio:sqs:eu-west-1:lake:webhook";

beforeAll(async () => {
  server = await TestServer.start({ ...target("lake"), ...target("spy"), MINIO_SITE_REGION: "eu-west-1" });
  plugin = await Plugin.start();
  const region = "eu-west-1";
  await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password, region });
  mc = new Mc(server);
});

afterAll(async () => {
  mc.remove();
  await plugin.stop();
  await server.stop();
});

let count = 0;
const bucket = (notifications?: object[]) => ({
  ...{ bucket: `told-${++count}`, versioning: false, tags: {}, lifecycle: [] },
  declared: { stage: "dev", platform: "test", onDelete: "delete_if_empty" },
  ...(notifications && { notifications }),
});
const CREATED = { target: "lake:webhook", events: ["s3:ObjectCreated:*"] };
const REMOVED = { target: "spy:webhook", events: ["s3:ObjectRemoved:Delete"], prefix: "raw/", suffix: ".csv" };

async function made(notifications?: object[]) {
  const { inputs, failures } = await plugin.check(bucket(notifications));
  expect(failures).toEqual([]);
  const { id, properties } = await plugin.create(inputs);
  return { id, inputs, properties };
}

async function read(...args: Parameters<Plugin["read"]>) {
  const found = await plugin.read(...args);
  if (found === undefined) throw new Error("the bucket is there");
  return found;
}

test("rules are written, and come back as they are whatever the server's region is called", async () => {
  const { id, inputs, properties } = await made([REMOVED, CREATED]);
  const seen = await read(id, properties, inputs);
  expect(seen.properties.notifications).toEqual([CREATED, REMOVED]);
  expect(await plugin.diff(seen.properties, inputs)).toEqual([]);
  expect(await mc.run("event", "ls", "--json", `t/${id}`)).toContain(ARN);
});

test("rules that somebody changes differ after a refresh, and an update makes them right", async () => {
  const { id, inputs, properties } = await made([CREATED]);
  await mc.run("event", "rm", "--force", `t/${id}`);
  const seen = await read(id, properties, inputs);
  expect(seen.properties.notifications).toEqual([]);
  expect(await plugin.diff(seen.properties, inputs)).toEqual(["notifications[0]"]);
  await plugin.update(id, seen.properties, inputs);
  expect((await read(id, properties, inputs)).properties.notifications).toEqual([CREATED]);
});

test("a bucket that says nothing keeps what it has; what was said is taken away by saying nothing", async () => {
  const { id, inputs, properties } = await made();
  await mc.run("event", "add", `t/${id}`, ARN, "--event", "put");
  const seen = await read(id, properties, inputs);
  expect(seen.properties).not.toHaveProperty("notifications");
  await plugin.update(id, seen.properties, { ...inputs, tags: { a: "b" } });
  expect(await mc.run("event", "ls", "--json", `t/${id}`)).toContain(ARN);
  const said = { ...inputs, notifications: [REMOVED] };
  await plugin.update(id, properties, said);
  expect(await plugin.diff(said, inputs)).toEqual(["notifications"]);
  await plugin.update(id, said, inputs);
  expect(await mc.run("event", "ls", "--json", `t/${id}`)).toBe("");
});

test("an import has the rules of the server, and a spec that says them has nothing to change", async () => {
  const { id, inputs } = await made([CREATED]);
  const imported = await read(id, {}, {});
  expect(imported.properties.notifications).toEqual([CREATED]);
  const { declared: _, ...rest } = inputs;
  expect(await plugin.diff(imported.properties, rest)).toEqual([]);
  const bare = await made();
  expect((await read(bare.id, {}, {})).properties).not.toHaveProperty("notifications");
});

test("a target that the server doesn't know is refused by it in one sentence that names bucket and setting", async () => {
  const { inputs } = await plugin.check(bucket([{ ...CREATED, target: "nobody:webhook" }]));
  await expect(plugin.create(inputs)).rejects.toThrow(
    /notifications of bucket told-\d+ can't be written: .*ARN does not exist/,
  );
});

test("names that are no target, event or filter are refused without asking the server", async () => {
  const wrong = [
    { ...CREATED, target: "lake" },
    { ...CREATED, events: ["created"] },
    { ...CREATED, prefix: "" },
  ];
  const { failures } = await plugin.check(bucket(wrong));
  expect(failures.map(({ property }) => property)).toEqual([
    "notifications[0].target",
    "notifications[1].events[0]",
    "notifications[2].prefix",
  ]);
});
