import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { AssumeRoleProvider } from "minio/dist/esm/AssumeRoleProvider.mjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { ACCOUNT_POLICY_MAX, accountPolicySize } from "../../builders/account-policy-size.ts";
import type { Grant } from "../../config/model.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { platformFile } from "../support/specs.ts";
import { stateOf } from "../support/state.ts";
import { ROOT } from "../support/toolchain.ts";
import { temporaryFolder } from "../toolchain/checkout.ts";

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

const REGION = "eu-west-1";

let checkout: TestCheckout;
/** The first update, before the stack names the server's region. */
let asked: Outcome;

beforeAll(async () => {
  const server = await TestServer.start({ MINIO_SITE_REGION: REGION });
  checkout = await TestCheckout.make({ people: platformFile(BUCKETS) + ACCESS }, server);
  asked = await checkout.run("pulumi", ...UP);
  await checkout.must("pulumi", "config", "set", "bucketworks:region", REGION);
  await checkout.must("pulumi", ...UP);
});

afterAll(() => checkout.remove());

interface Key {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of a session alone. */
  readonly sessionToken?: string;
}

async function keys(): Promise<Record<string, Key>> {
  return JSON.parse(await checkout.must("pulumi", "stack", "output", "credentials", "--json", "--show-secrets"));
}

/** What the server says to each try: `ok` or the code of the refusal. */
async function tries(key: Key, ...calls: ((s3: S3) => Promise<unknown>)[]): Promise<string[]> {
  const client = new S3({
    endpoint: checkout.server.url,
    region: REGION,
    forcePathStyle: true,
    credentials: {
      accessKeyId: key.accessKey,
      secretAccessKey: key.secretKey,
      ...(key.sessionToken && { sessionToken: key.sessionToken }),
    },
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

test("a server of another region is told in one sentence that names the setting, before anything is made", () => {
  expect(asked.code).not.toBe(0);
  expect(asked.stdout).toMatch(
    /MinIO at \S+ is of region eu-west-1 and was asked as us-east-1; pulumi config set bucketworks:region eu-west-1; nothing was changed/,
  );
  expect(asked.stdout).not.toMatch(/AuthorizationHeaderMalformed|Bucket|IamUser/);
});

test("verify asks in the region of the stack", async () => {
  await checkout.must("bin/bucketworks", "verify");
});

/** Signs an address to be got by anybody, as the SDK's presigner does, with what the environment alone says. */
const PRESIGN = `
import { S3Client } from "@aws-sdk/client-s3";
import { Hash } from "@smithy/core/serde";
import { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
const { region, credentials } = new S3Client({}).config;
const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL_S3);
const signer = new SignatureV4({ service: "s3", region, credentials, sha256: Hash.bind(null, "sha256"), uriEscapePath: false });
const headers = { host: hostname + ":" + port, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
const request = new HttpRequest({ method: "GET", hostname, port, path: "/clean-data/shown", headers });
const { query } = await signer.presign(request, { expiresIn: 60 });
console.log("http://" + headers.host + "/clean-data/shown?" + new URLSearchParams(query));
`;

test("an address that a fresh client signs from the env format alone is answered with 200", async () => {
  const { cleaning } = await keys();
  if (!cleaning) throw new Error("a key is missing");
  const put = (s3: S3) => s3.putObject({ Bucket: "clean-data", Key: "shown", Body: "x" });
  expect(await tries(cleaning, put)).toEqual(["ok"]);
  await checkout.must("bin/bucketworks", "key", "show", "ada");
  const file = join(checkout.root, ".bucketworks/keys/ada.env");
  const node = ["--input-type=module", `--env-file=${file}`, "-e", PRESIGN];
  const env = { PATH: process.env.PATH, HOME: checkout.root };
  const url = execFileSync(process.execPath, node, { cwd: ROOT, env, encoding: "utf8" }).trim();
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([200, "x"]);
});

test("key show hands a key over to a private file or on demand to stdout, and to nobody by mistake", async () => {
  const { ada } = await keys();
  const show = (...args: string[]) => checkout.run("bin/bucketworks", "key", "show", ...args);
  const file = join(checkout.root, "ada.env");
  expect(await show("ada", "--out", file)).toMatchObject({ code: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain(`MINIO_SECRET_KEY=${ada?.secretKey}\n`);
  expect(await show("ada", "--out", file)).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists/) });
  const kept = await show("ada");
  expect(kept).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^key of ada written to \.bucketworks\/keys\/ada\.env /),
  });
  expect(kept.stdout).not.toContain(ada?.secretKey);
  expect(await show()).toMatchObject({ code: 2, stderr: expect.stringMatching(/name one .*--all FOLDER/) });
  const unknown = await show("adda", "--out", file);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/account adda, .*did you mean ada\?/) });
  expect(await show("ada", "--stdout", "--format", "rclone", "--checksums", "when_required")).toMatchObject({
    code: 2,
  });
  const json = JSON.parse((await show("ada", "--stdout", "--format", "json")).stdout);
  expect(json).toMatchObject({
    schemaVersion: 1,
    identity: "ada",
    endpoint: checkout.server.url,
    region: REGION,
    ...ada,
  });
  const mlflow = (await show("ada", "--stdout", "--format", "mlflow")).stdout;
  expect(mlflow).toContain(`MLFLOW_S3_ENDPOINT_URL=${checkout.server.url}\n`);
  expect((await show("ada", "--stdout", "--format", "aws")).stdout).toMatch(/^\[ada\]\naws_access_key_id = ada\n/);
  expect(await show("--all", join(checkout.root, "handover"))).toMatchObject({ code: 0 });
  expect(readdirSync(join(checkout.root, "handover"))).toEqual(["ada.env", "cleaning-job.env", "cleaning.env"]);
  const listed = await checkout.must("bin/bucketworks", "key", "list");
  expect(listed).toMatch(/^cleaning-job +service account of cleaning +people +\S+$/m);
  for (const { secretKey } of Object.values(await keys())) expect(listed).not.toContain(secretKey);
});

/** What a session of a user is: a key of its own with a token, for an hour. */
async function sessionOf({ accessKey, secretKey }: Key): Promise<Key & { sessionToken: string }> {
  const provider = new AssumeRoleProvider({ stsEndpoint: checkout.server.url, accessKey, secretKey, region: REGION });
  const credentials = await provider.getCredentials();
  return {
    accessKey: credentials.getAccessKey(),
    secretKey: credentials.getSecretKey(),
    sessionToken: String(credentials.getSessionToken()),
  };
}

const lookAtClean = (s3: S3) => s3.putObject({ Bucket: "clean-data", Key: "seen", Body: "x" });

test("a user's leaked key ends with one command, and so do its sessions; all else stays", async () => {
  const { cleaning, "cleaning-job": job, ...others } = await keys();
  if (!cleaning || !job) throw new Error("keys are missing");
  const session = await sessionOf(cleaning);
  expect(await tries(session, lookAtClean)).toEqual(["ok"]);
  const rotate = (...args: string[]) => checkout.run("bin/bucketworks", "key", "rotate", ...args);
  expect(await rotate("cleaning")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/nothing was changed: nobody is there/),
  });
  expect(await rotate("cleaning", "--yes-rotate", "cleaning-job")).toMatchObject({ code: 2 });
  expect(await rotate("cleanin", "--yes-rotate", "cleanin")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/did you mean cleaning\?/),
  });
  expect(await tries(cleaning, lookAtClean)).toEqual(["ok"]);
  const watch = new ArgvWatch();
  const { code, stdout, stderr } = await rotate("cleaning", "--yes-rotate", "cleaning");
  const argv = watch.stop();
  expect(code, stdout + stderr).toBe(0);
  const { cleaning: now, ...rest } = await keys();
  if (!now) throw new Error("the new key is missing");
  expect(rest).toEqual({ "cleaning-job": job, ...others });
  expect(now.secretKey).not.toBe(cleaning.secretKey);
  for (const said of [argv, stdout, stderr]) expect(said).not.toContain(now.secretKey);
  expect(await tries(cleaning, lookAtClean)).toEqual(["SignatureDoesNotMatch"]);
  expect(await tries(session, lookAtClean)).toEqual([expect.stringMatching(/^Invalid/)]);
  for (const key of [now, job]) expect(await tries(key, lookAtClean)).toEqual(["ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a service account's leaked key ends with one command, and so does the want of one removed by hand", async () => {
  for (const byHand of [false, true]) {
    const { "cleaning-job": job, ...others } = await keys();
    if (!job) throw new Error("the key is missing");
    if (byHand) await checkout.must("mc", "admin", "user", "svcacct", "rm", "dev", job.accessKey);
    await checkout.must("bin/bucketworks", "key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job");
    const { "cleaning-job": now, ...rest } = await keys();
    if (!now) throw new Error("the new key is missing");
    expect(rest).toEqual(others);
    expect(await tries(job, lookAtClean)).toEqual(["InvalidAccessKeyId"]);
    expect(await tries(now, lookAtClean)).toEqual(["ok"]);
  }
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a key that no spec declares any more is not rotated: its identity would be deleted", async () => {
  const before = await keys();
  checkout.writePlatforms({ people: platformFile(BUCKETS) + ACCESS.replace(/ {2}service_accounts:[\s\S]*/, "") });
  try {
    const refused = await checkout.run(
      "bin/bucketworks",
      "key",
      "rotate",
      "cleaning-job",
      "--yes-rotate",
      "cleaning-job",
    );
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/no spec of stack dev declares/) });
  } finally {
    checkout.writePlatforms({ people: platformFile(BUCKETS) + ACCESS });
  }
  expect(await keys()).toEqual(before);
  expect(await tries(before["cleaning-job"] as Key, lookAtClean)).toEqual(["ok"]);
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
    expect(named).toMatch(/2 service accounts of the stack's users .*left alone.*: LEFT-BY-A-KILL, MADE-BY-HAND/);
    const accounts = () => mc.run("admin", "accesskey", "list", "t", "cleaning", "--svcacc-only");
    for (const key of Object.keys(documents)) expect(await accounts()).toContain(key);

    killWhileMaking(documents["LEFT-BY-A-KILL"]);
    const recovered = await checkout.must("bin/bucketworks", "recover");
    expect(recovered).toMatch(/1 service account made by the killed run.*ended: LEFT-BY-A-KILL/);
    expect(recovered).toMatch(/1 service account of the stack's users .*left alone.*: MADE-BY-HAND/);
    expect(await accounts()).not.toContain("LEFT-BY-A-KILL");
    expect(await accounts()).toContain("MADE-BY-HAND");

    await mc.run("admin", "user", "svcacct", "rm", "t", "MADE-BY-HAND");
    await checkout.must("bin/bucketworks", "verify");
    expect(await checkout.must("bin/bucketworks", "recover")).toContain("nothing to recover");
  } finally {
    mc.remove();
  }
});

test("the server takes a service account's document of exactly the size that check permits, and none larger", async () => {
  const prefixes = Array.from({ length: 10 }, (_, index) => `${index}${"x".repeat(300)}/`);
  const ofSize = (size: number): Grant[] => {
    const missing = size - accountPolicySize([{ role: "list", bucket: "raw-data", prefixes: [...prefixes, "z/"] }]);
    return [{ role: "list", bucket: "raw-data", prefixes: [...prefixes, `z${"z".repeat(missing)}/`] }];
  };
  const mc = new Mc(checkout.server);
  const file = join(temporaryFolder(), "document.json");
  const add = async (size: number) => {
    const grants = ofSize(size);
    expect(accountPolicySize(grants)).toBe(size);
    writeFileSync(file, JSON.stringify(accessPolicy(grants)));
    const own = ["--access-key", "OF-THE-LIMIT", "--secret-key", "nobody-has-this-one", "--policy", file];
    await mc.run("admin", "user", "svcacct", "add", "t", "cleaning", ...own);
    await mc.run("admin", "user", "svcacct", "rm", "t", "OF-THE-LIMIT");
  };
  try {
    await add(ACCOUNT_POLICY_MAX);
    await expect(add(ACCOUNT_POLICY_MAX + 1)).rejects.toThrow(/polic/i);
  } finally {
    mc.remove();
  }
});

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

const SPEC = platformFile(BUCKETS) + ACCESS;
const working = async (key: Key | undefined): Promise<string[]> => {
  if (key === undefined) throw new Error("a key is missing");
  return tries(key, (s3) => s3.listObjectsV2({ Bucket: "raw-data", Prefix: "in/" }));
};

test("a platform's file that is renamed keeps every user, group and service account with its key and its rights", async () => {
  const before = await keys();
  checkout.writePlatforms({ humans: SPEC });
  await checkout.must("pulumi", ...UP);
  expect(await keys()).toEqual(before);
  for (const name of ["cleaning", "cleaning-job"]) expect(await working(before[name])).toEqual(["ok"]);
  expect(await checkout.must("bin/bucketworks", "verify")).toContain("identities");
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("on a backend whose state can't be read beforehand the renaming is refused with the commands that do it", async () => {
  const before = await keys();
  checkout.writePlatforms({ others: SPEC });
  // The same state, by an address that names no absolute path.
  const elsewhere = "PULUMI_BACKEND_URL=file://./.bucketworks/state?metadata=skip";
  const { code, stdout, stderr } = await checkout.run("env", elsewhere, "pulumi", ...UP, "--stack", "dev");
  expect(code).not.toBe(0);
  expect(stdout, stderr).toMatch(
    /IamUser cleaning is in this stack as \w+\/cleaning and would be made again as others\/cleaning/,
  );
  const commands = new Set(stdout.match(/pulumi state rename --yes --stack dev '[^']+' '[^']+'/g));
  for (const command of commands) await checkout.must("sh", "-c", command);
  await checkout.must("env", elsewhere, "pulumi", ...UP, "--stack", "dev");
  expect(await keys()).toEqual(before);
  for (const name of ["cleaning", "cleaning-job"]) expect(await working(before[name])).toEqual(["ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});
