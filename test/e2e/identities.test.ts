import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { stateOf } from "../support/state.ts";

const BUCKETS = `      - {name: raw-data, description: d}
      - {name: clean-data, description: d}`;
const ACCESS = `access:
  policies:
    cleaner:
      grants:
        - {role: read, bucket: raw-data, prefixes: [in/]}
        - {role: write, bucket: clean-data}
    reader:
      grants: [{role: read, bucket: clean-data}]
  groups:
    analysts: {policies: [reader]}
  users:
    ada: {groups: [analysts]}
    cleaning: {policies: [cleaner]}
  service_accounts:
    cleaning-job: {user: cleaning, policies: [cleaner]}
`;
const UP = ["up", "--yes", "--skip-preview"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ people: platformFile(BUCKETS) + ACCESS });
  await checkout.must("pulumi", ...UP);
});

afterAll(() => checkout.remove());

interface Key {
  readonly accessKey: string;
  readonly secretKey: string;
}

async function keys(): Promise<Record<string, Key>> {
  return JSON.parse(await checkout.must("pulumi", "stack", "output", "credentials", "--json", "--show-secrets"));
}

/** What the server says to each try: `ok` or the code of the refusal. */
async function tries(key: Key, ...calls: ((s3: S3) => Promise<unknown>)[]): Promise<string[]> {
  const client = new S3({
    endpoint: checkout.server.url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: key.accessKey, secretAccessKey: key.secretKey },
  });
  const answers: string[] = [];
  for (const call of calls) {
    answers.push(
      await call(client).then(
        () => "ok",
        (error: Error) => error.name,
      ),
    );
  }
  client.destroy();
  return answers;
}

test("each identity may do what its grants say and nothing else", async () => {
  const { ada, cleaning, "cleaning-job": job } = await keys();
  if (!ada || !cleaning || !job) throw new Error("keys are missing");
  const put = (Bucket: string, Key: string) => (s3: S3) => s3.putObject({ Bucket, Key, Body: "x" });
  const get = (Bucket: string, Key: string) => (s3: S3) => s3.getObject({ Bucket, Key });
  const list =
    (Bucket: string, Prefix = "") =>
    (s3: S3) =>
      s3.listObjectsV2({ Bucket, Prefix });
  for (const key of [cleaning, job]) {
    expect(await tries(key, put("clean-data", "a"), list("raw-data", "in/"))).toEqual(["ok", "ok"]);
    expect(await tries(key, list("raw-data"), put("raw-data", "in/a"), get("clean-data", "a"))).toEqual(
      Array(3).fill("AccessDenied"),
    );
  }
  expect(await tries(ada, get("clean-data", "a"), list("clean-data"))).toEqual(["ok", "ok"]);
  expect(await tries(ada, put("clean-data", "b"), list("raw-data", "in/"))).toEqual(Array(2).fill("AccessDenied"));
});

test("a second update that reads the server first changes nothing", async () => {
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("key show hands a key over to a private file or on demand to stdout, in four formats, and to nobody by mistake", async () => {
  const { ada } = await keys();
  const show = (...args: string[]) => checkout.run("bin/bucketworks", "key", "show", ...args);
  const file = join(checkout.root, "ada.env");
  expect(await show("ada", "--out", file)).toMatchObject({ code: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain(`MINIO_SECRET_KEY=${ada?.secretKey}\n`);
  expect(await show("ada", "--out", file)).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists/) });
  expect(await show("ada")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/--out FILE or --stdout/),
  });
  expect((await show("adda", "--stdout")).stderr).toMatch(/no user or service account adda, .*did you mean ada\?/);
  const json = JSON.parse((await show("ada", "--stdout", "--format", "json")).stdout);
  expect(json).toMatchObject({ schemaVersion: 1, identity: "ada", endpoint: checkout.server.url, ...ada });
  const mlflow = (await show("ada", "--stdout", "--format", "mlflow")).stdout;
  expect(mlflow).toContain(`MLFLOW_S3_ENDPOINT_URL=${checkout.server.url}\n`);
  expect((await show("ada", "--stdout", "--format", "aws")).stdout).toMatch(/^\[ada\]\naws_access_key_id = ada\n/);
});

test("no secret key is in the state or its history in clear", async () => {
  const secrets = Object.values(await keys()).map(({ secretKey }) => secretKey);
  const found = await checkout.run("grep", "-rlF", ...secrets.flatMap((each) => ["-e", each]), ".bucketworks/state");
  expect(found).toMatchObject({ code: 1, stdout: "" });
});

test.each([
  ["user", ["admin", "user", "add", "dev", "eve", "a-secret-of-hers"], "    eve: {policies: [reader]}\n"],
  ["group", ["admin", "group", "add", "dev", "people", "ada"], ""],
])("a %s that exists and isn't ours is left alone", async (kind, byHand, user) => {
  await checkout.must("mc", ...byHand);
  const group = kind === "group" ? ACCESS.replace("groups:\n", "groups:\n    people: {policies: [cleaner]}\n") : ACCESS;
  checkout.writePlatforms({ people: platformFile(BUCKETS) + group.replace("  users:\n", `  users:\n${user}`) });
  const before = await stateOf(checkout);
  const { code, stdout } = await checkout.run("pulumi", ...UP);
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/(eve|people) exists already on http/);
  checkout.writePlatforms({ people: platformFile(BUCKETS) + ACCESS });
  expect((await stateOf(checkout)).length).toBe(before.length);
  await checkout.must("pulumi", ...UP);
  await checkout.must("mc", "admin", kind, "info", "dev", kind === "user" ? "eve" : "people");
});

/** What the state holds and could lose; MinIO sends a policy's actions in any order, so documents stay out. */
async function held(): Promise<unknown[]> {
  const state = await stateOf(checkout);
  return state.map(({ urn, id, outputs }) => ({ urn, id, secret: outputs?.secret ?? outputs?.secretKey }));
}

test("an outage or a wrong password loses no identity", async () => {
  const before = await held();
  for (const args of [["refresh", "--yes", "--skip-preview"], ["preview"], [...UP, "--refresh"]]) {
    await checkout.server.pause("SIGKILL");
    const { code } = await checkout.run("pulumi", ...args);
    await checkout.server.resume();
    expect(code).not.toBe(0);
    expect(await held()).toEqual(before);
  }
  checkout.writeCredentials(checkout.server.user, "wrong-password");
  for (const args of [["refresh", "--yes", "--skip-preview", "--run-program"], UP, [...UP, "--refresh"]]) {
    expect((await checkout.run("pulumi", ...args)).code).not.toBe(0);
    expect(await held()).toEqual(before);
  }
  checkout.writeCredentials(checkout.server.user, checkout.server.password);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});
