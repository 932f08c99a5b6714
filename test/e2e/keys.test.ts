import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { S3 } from "@aws-sdk/client-s3";
import { AssumeRoleProvider } from "minio/dist/esm/AssumeRoleProvider.mjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { ACCOUNT_POLICY_MAX, accountPolicySize } from "../../builders/account-policy-size.ts";
import type { Grant } from "../../config/model.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import type { TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { ACCESS, type Key, People, peopleSpec, REGION } from "../support/people.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";

let people: People;
let checkout: TestCheckout;
beforeAll(async () => {
  people = await People.deploy();
  checkout = people.checkout;
});
afterAll(() => people?.remove());

test("a server of another region is told in one sentence that names the setting, before anything is made", () => {
  expect(people.asked.code).not.toBe(0);
  expect(people.asked.stdout).toMatch(
    /MinIO at \S+ is of region eu-west-1 and was asked as us-east-1; pulumi config set bucketworks:region eu-west-1; nothing was changed/,
  );
  expect(people.asked.stdout).not.toMatch(/AuthorizationHeaderMalformed|Bucket|IamUser/);
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
  const { cleaning } = await people.keys();
  if (!cleaning) throw new Error("a key is missing");
  const put = (s3: S3) => s3.putObject({ Bucket: "clean-data", Key: "shown", Body: "x" });
  expect(await people.tries(cleaning, put)).toEqual(["ok"]);
  await checkout.must("bin/bucketworks", "key", "show", "ada");
  const file = join(checkout.root, ".bucketworks/keys/ada.env");
  const node = ["--input-type=module", `--env-file=${file}`, "-e", PRESIGN];
  const env = { PATH: process.env.PATH, HOME: checkout.root };
  const url = execFileSync(process.execPath, node, { cwd: ROOT, env, encoding: "utf8" }).trim();
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([200, "x"]);
});

test("key show hands a key over to a private file or on demand to stdout, and to nobody by mistake", async () => {
  const { ada } = await people.keys();
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
  const sdk = ["ada", "--stdout", "--format", "minio", "--bucket"];
  expect(JSON.parse((await show(...sdk, "clean-data")).stdout)).toEqual({
    endpoint: new URL(checkout.server.url).host,
    access_key: ada?.accessKey,
    secret_key: ada?.secretKey,
    secure: false,
    region: REGION,
    bucket: "clean-data",
  });
  expect(await show(...sdk, "clean-date")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/mean clean-data\?/),
  });
  expect(await show("ada", "--stdout", "--bucket", "clean-data")).toMatchObject({ code: 2 });
  const mlflow = (await show("ada", "--stdout", "--format", "mlflow")).stdout;
  expect(mlflow).toContain(`MLFLOW_S3_ENDPOINT_URL=${checkout.server.url}\n`);
  expect((await show("ada", "--stdout", "--format", "aws")).stdout).toMatch(/^\[ada\]\naws_access_key_id = ada\n/);
  expect(await show("--all", join(checkout.root, "handover"))).toMatchObject({ code: 0 });
  expect(readdirSync(join(checkout.root, "handover"))).toEqual(["ada.env", "cleaning-job.env", "cleaning.env"]);
  const listed = await checkout.must("bin/bucketworks", "key", "list");
  expect(listed).toMatch(/^cleaning-job +service account of cleaning +people +\S+$/m);
  for (const { secretKey } of Object.values(await people.keys())) expect(listed).not.toContain(secretKey);
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

test("sessions of boto3 work, do no more than their user may or their own document says, and have an end", async () => {
  await checkout.must("bin/bucketworks", "key", "show", "cleaning");
  const file = join(checkout.root, ".bucketworks/keys/cleaning.env");
  const python = join(ROOT, ".bucketworks/pipelines/mlflow-server/bin/python");
  const program = join(ROOT, "test/support/sessions.py");
  const said = await checkout.must("sh", "-c", 'set -a; . "$0"; exec "$1" "$2"', file, python, program);
  expect(JSON.parse(said)).toEqual({
    whole: ["ok", "AccessDenied"],
    wide: ["ok", "AccessDenied"],
    narrow: ["ok", "AccessDenied"],
    "too long": "InvalidParameterValue",
    hours: [1, 2],
  });
});

test("a user's leaked key ends with one command, and so do its sessions; all else stays", async () => {
  const { cleaning, "cleaning-job": job, ...others } = await people.keys();
  if (!cleaning || !job) throw new Error("keys are missing");
  const session = await sessionOf(cleaning);
  expect(await people.tries(session, lookAtClean)).toEqual(["ok"]);
  const rotate = (...args: string[]) => checkout.run("bin/bucketworks", "key", "rotate", ...args);
  expect(await rotate("cleaning")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/nothing was changed: can.t ask/),
  });
  expect(await rotate("cleaning", "--yes-rotate", "cleaning-job")).toMatchObject({ code: 2 });
  expect(await rotate("cleanin", "--yes-rotate", "cleanin")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/did you mean cleaning\?/),
  });
  expect(await people.tries(cleaning, lookAtClean)).toEqual(["ok"]);
  const watch = new ArgvWatch();
  const { code, stdout, stderr } = await rotate("cleaning", "--yes-rotate", "cleaning");
  const argv = watch.stop();
  expect(code, stdout + stderr).toBe(0);
  const { cleaning: now, ...rest } = await people.keys();
  if (!now) throw new Error("the new key is missing");
  expect(rest).toEqual({ "cleaning-job": job, ...others });
  expect(now.secretKey).not.toBe(cleaning.secretKey);
  for (const said of [argv, stdout, stderr]) expect(said).not.toContain(now.secretKey);
  expect(await people.tries(cleaning, lookAtClean)).toEqual(["SignatureDoesNotMatch"]);
  expect(await people.tries(session, lookAtClean)).toEqual([expect.stringMatching(/^Invalid/)]);
  for (const key of [now, job]) expect(await people.tries(key, lookAtClean)).toEqual(["ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a service account's leaked key ends with one command, and so does the want of one removed by hand", async () => {
  for (const byHand of [false, true]) {
    const { "cleaning-job": job, ...others } = await people.keys();
    if (!job) throw new Error("the key is missing");
    if (byHand) await checkout.must("mc", "admin", "user", "svcacct", "rm", "dev", job.accessKey);
    await checkout.must("bin/bucketworks", "key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job");
    const { "cleaning-job": now, ...rest } = await people.keys();
    if (!now) throw new Error("the new key is missing");
    expect(rest).toEqual(others);
    expect(await people.tries(job, lookAtClean)).toEqual(["InvalidAccessKeyId"]);
    expect(await people.tries(now, lookAtClean)).toEqual(["ok"]);
  }
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a user removed by hand is named by drift, and made again by one command with all that hung on it", async () => {
  const { cleaning, "cleaning-job": job } = await people.keys();
  await checkout.must("mc", "admin", "user", "rm", "dev", "cleaning");
  const drift = await checkout.run("bin/bucketworks", "drift");
  expect(drift).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("user cleaning of the state isn't on the server"),
  });
  expect(drift.stderr).toMatch(/bucketworks key rotate cleaning \(docs\/runbook\.md#a-user-was-deleted-by-hand\)/);
  expect(drift.stderr).not.toMatch(/FATAL|%s/);
  await checkout.must("bin/bucketworks", "key", "rotate", "cleaning", "--yes-rotate", "cleaning");
  const { cleaning: now, "cleaning-job": again } = await people.keys();
  if (!now || !again) throw new Error("a key is missing");
  expect([now.secretKey === cleaning?.secretKey, again.accessKey === job?.accessKey]).toEqual([false, false]);
  for (const key of [now, again]) expect(await people.tries(key, lookAtClean)).toEqual(["ok"]);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a key that no spec declares any more is not rotated: its identity would be deleted", async () => {
  const before = await people.keys();
  checkout.writePlatforms({ people: peopleSpec(ACCESS.replace(/ {2}service_accounts:[\s\S]*/, "")) });
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
    checkout.writePlatforms({ people: peopleSpec() });
  }
  expect(await people.keys()).toEqual(before);
  expect(await people.tries(before["cleaning-job"] as Key, lookAtClean)).toEqual(["ok"]);
});

test("no secret key is in the state or its history in plaintext", async () => {
  const secrets = Object.values(await people.keys()).map(({ secretKey }) => secretKey);
  const found = await checkout.run("grep", "-rlF", ...secrets.flatMap((each) => ["-e", each]), ".bucketworks/state");
  expect(found).toMatchObject({ code: 1, stdout: "" });
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
