import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { ACCESS, type Key, People, peopleSpec, UPDATE } from "../support/people.ts";
import { stateOf } from "../support/state.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

let people: People;
let checkout: TestCheckout;
beforeAll(async () => {
  people = await People.deploy();
  checkout = people.checkout;
});
afterAll(() => people?.remove());

test("each identity may do what its grants say and nothing else", async () => {
  const { ada, cleaning, "cleaning-job": job } = await people.keys();
  if (!ada || !cleaning || !job) throw new Error("keys are missing");
  const put = (Bucket: string, Key: string) => (s3: S3) => s3.putObject({ Bucket, Key, Body: "x" });
  const get = (Bucket: string, Key: string) => (s3: S3) => s3.getObject({ Bucket, Key });
  const list =
    (Bucket: string, Prefix = "") =>
    (s3: S3) =>
      s3.listObjectsV2({ Bucket, Prefix });
  for (const key of [cleaning, job]) {
    expect(await people.tries(key, put("clean-data", "a"), list("raw-data", "in/"))).toEqual(["ok", "ok"]);
    expect(await people.tries(key, list("raw-data"), put("raw-data", "in/a"), get("clean-data", "a"))).toEqual(
      Array(3).fill("AccessDenied"),
    );
  }
  expect(await people.tries(ada, get("clean-data", "a"), list("clean-data"))).toEqual(["ok", "ok"]);
  expect(await people.tries(ada, put("clean-data", "b"), list("raw-data", "in/"))).toEqual(
    Array(2).fill("AccessDenied"),
  );
});

test("a second update that reads the server first changes nothing", async () => {
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test.each([
  ["user", ["admin", "user", "add", "dev", "eve", "a-secret-of-hers"], "    eve: {policies: [reader]}\n"],
  ["group", ["admin", "group", "add", "dev", "people", "ada"], ""],
])("a %s that exists and isn't ours is left alone", async (kind, byHand, user) => {
  await checkout.must("mc", ...byHand);
  const group = kind === "group" ? ACCESS.replace("groups:\n", "groups:\n    people: {policies: [cleaner]}\n") : ACCESS;
  checkout.writePlatforms({ people: peopleSpec(group.replace("  users:\n", `  users:\n${user}`)) });
  const before = await stateOf(checkout);
  const { code, stdout } = await checkout.run("pulumi", ...UPDATE);
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/(eve|people) exists already on http/);
  checkout.writePlatforms({ people: peopleSpec() });
  expect((await stateOf(checkout)).length).toBe(before.length);
  await checkout.must("pulumi", ...UPDATE);
  await checkout.must("mc", "admin", kind, "info", "dev", kind === "user" ? "eve" : "people");
});

/** What the state holds and could lose; MinIO sends a policy's actions in any order, so documents stay out. */
async function held(): Promise<unknown[]> {
  const state = await stateOf(checkout);
  return state.map(({ urn, id, outputs }) => ({ urn, id, secret: outputs?.secret ?? outputs?.secretKey }));
}

/** Leaves what a run leaves that is killed while it makes a service account: the creation pending, and its lock. */
function killWhileMaking(policy: string): void {
  const state = join(checkout.root, ".bucketworks/state/.pulumi");
  const file = join(state, "stacks/bucketworks/dev.json");
  const text = readFileSync(file, "utf8");
  const written = JSON.parse(text);
  const { latest } = written.checkpoint;
  const type = "minio:index/iamServiceAccount:IamServiceAccount";
  const urn = `urn:pulumi:dev::bucketworks::${type}::people/lost-job`;
  const resource = { urn, custom: true, type, inputs: { targetUser: "cleaning", policy } };
  latest.pending_operations = [{ resource, type: "creating" }];
  latest.manifest.time = new Date().toISOString();
  writeFileSync(`${file}.bak`, text);
  writeFileSync(file, JSON.stringify(written));
  const locks = join(state, "locks/organization/bucketworks/dev");
  mkdirSync(locks, { recursive: true });
  const timestamp = new Date(Date.now() - 1000);
  const lock = { pid: 2 ** 22 + 1, username: "x", hostname: hostname(), timestamp };
  writeFileSync(join(locks, "killed.json"), JSON.stringify(lock));
}

test("a service account that isn't the stack's is named; one that the killed run's state proves is ended by recover", async () => {
  const mc = new Mc(checkout.server);
  const folder = temporaryFolder();
  const account = (await stateOf(checkout)).find(({ type }) => type.endsWith("IamServiceAccount"));
  const documents = {
    "LEFT-BY-A-KILL": String(account?.inputs?.policy),
    "MADE-BY-HAND": JSON.stringify(accessPolicy([{ role: "read", bucket: "raw-data", prefixes: ["in/"] }])),
  };
  const add = async (key: string, document: string) => {
    const file = join(folder, `${key}.json`);
    writeFileSync(file, document);
    const own = ["--access-key", key, "--secret-key", "nobody-has-this-one", "--policy", file];
    await mc.run("admin", "user", "svcacct", "add", "t", "cleaning", ...own);
  };
  try {
    for (const [key, document] of Object.entries(documents)) await add(key, document);
    const found = await checkout.run("bin/bucketworks", "verify");
    expect(found.code).toBe(1);
    for (const key of Object.keys(documents)) {
      expect(found.stdout).toMatch(new RegExp(`${key}: acts for cleaning and isn't .*svcacct rm ALIAS ${key}`));
    }

    const named = await checkout.must("bin/bucketworks", "recover");
    expect(named).toMatch(
      /2 service accounts of the stack's users, in no state, left alone.*: LEFT-BY-A-KILL, MADE-BY-HAND/,
    );
    const accounts = () => mc.run("admin", "accesskey", "list", "t", "cleaning", "--svcacc-only");
    for (const key of Object.keys(documents)) expect(await accounts()).toContain(key);

    killWhileMaking(documents["LEFT-BY-A-KILL"]);
    const recovered = await checkout.must("bin/bucketworks", "recover");
    expect(recovered).toMatch(/1 service account made by the killed run.*removed: LEFT-BY-A-KILL/);
    expect(recovered).toMatch(/1 service account of the stack's users, in no state, left alone.*: MADE-BY-HAND/);
    expect(await accounts()).not.toContain("LEFT-BY-A-KILL");
    expect(await accounts()).toContain("MADE-BY-HAND");

    await mc.run("admin", "user", "svcacct", "rm", "t", "MADE-BY-HAND");
    await checkout.must("bin/bucketworks", "verify");
    expect(await checkout.must("bin/bucketworks", "recover")).toContain("nothing to recover");
  } finally {
    mc.remove();
  }
});

test("an outage or a wrong password loses no identity", async () => {
  const before = await held();
  for (const args of [["refresh", "--yes", "--skip-preview"], ["preview"], [...UPDATE, "--refresh"]]) {
    await checkout.server.pause("SIGKILL");
    const { code } = await checkout.run("pulumi", ...args);
    await checkout.server.resume();
    expect(code).not.toBe(0);
    expect(await held()).toEqual(before);
  }
  checkout.writeCredentials(checkout.server.user, "wrong-password");
  for (const args of [["refresh", "--yes", "--skip-preview", "--run-program"], UPDATE, [...UPDATE, "--refresh"]]) {
    expect((await checkout.run("pulumi", ...args)).code).not.toBe(0);
    expect(await held()).toEqual(before);
  }
  checkout.writeCredentials(checkout.server.user, checkout.server.password);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

const working = (key: Key | undefined): Promise<string[]> =>
  people.tries(key, (s3) => s3.listObjectsV2({ Bucket: "raw-data", Prefix: "in/" }));

test("a platform's file that is renamed keeps every user, group and service account with its key and its rights", async () => {
  const before = await people.keys();
  checkout.writePlatforms({ humans: peopleSpec() });
  await checkout.must("pulumi", ...UPDATE);
  expect(await people.keys()).toEqual(before);
  for (const name of ["cleaning", "cleaning-job"]) expect(await working(before[name])).toEqual(["ok"]);
  expect(await checkout.must("bin/bucketworks", "verify")).toContain("identities");
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("on a backend whose state can't be read beforehand the renaming is refused with the commands that do it", async () => {
  const before = await people.keys();
  checkout.writePlatforms({ others: peopleSpec() });
  // The same state, by a login: the environment says nothing of it.
  await checkout.must("sh", "-c", 'pulumi login "$PULUMI_BACKEND_URL"');
  const loggedIn = ["-u", "PULUMI_BACKEND_URL", "pulumi", ...UPDATE, "--stack", "dev"];
  const { code, stdout, stderr } = await checkout.run("env", ...loggedIn);
  expect(code).not.toBe(0);
  expect(stdout, stderr).toMatch(
    /IamUser cleaning is in this stack as \w+\/cleaning and would be made again as others\/cleaning/,
  );
  const commands = new Set(stdout.match(/pulumi state rename --yes --stack dev '[^']+' '[^']+'/g));
  for (const command of commands) await checkout.must("sh", "-c", command);
  await checkout.must("env", ...loggedIn);
  expect(await people.keys()).toEqual(before);
  for (const name of ["cleaning", "cleaning-job"]) expect(await working(before[name])).toEqual(["ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});
