import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { previousKeys } from "../../components/identity/previous-keys.ts";
import { modelOf } from "../support/spec.ts";

const NAME = { project: "bucketworks", stack: "dev" };
const TYPE = "minio:index/iamServiceAccount:IamServiceAccount";
const spec = (rotation: string) => `
bucket_groups: {all: {buckets: [{name: raw-data}]}}
access:
  policies: {reader: {grants: [{role: read, bucket: raw-data}]}}
  users: {robot: {policies: [reader]}}
  service_accounts: {job: {user: robot, policies: [reader]}, other: {user: robot, policies: [reader]}}
${rotation}`;
const model = modelOf(spec("  rotation: {}"));
const platform = model.platforms[0]?.name;
const nobody = new Set<string>();

let root: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-previous-"));
  env = { PULUMI_BACKEND_URL: `file://${root}` };
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

/** Writes a state that knows service accounts of these logical names. */
function write(...names: string[]): void {
  const stacks = join(root, ".pulumi", "stacks", NAME.project);
  mkdirSync(stacks, { recursive: true });
  const resources = names.map((name) => ({ type: TYPE, urn: `urn:pulumi:dev::bucketworks::p$${TYPE}::${name}` }));
  writeFileSync(join(stacks, "dev.json"), JSON.stringify({ checkpoint: { latest: { resources } } }));
}

test("a former key that the state has is kept by every update, until one says that it has ended", async () => {
  write(`${platform}/job`, `${platform}/job/previous`, `${platform}/other`, "elsewhere/other/previous");
  expect([...(await previousKeys(env, NAME, model, nobody))]).toEqual([`${platform}/job`]);
  expect([...(await previousKeys(env, NAME, model, new Set(["other"])))]).toEqual([`${platform}/job`]);
  expect([...(await previousKeys(env, NAME, model, new Set(["job"])))]).toEqual([]);
});

test("without access.rotation the state isn't asked, and no former key is kept", async () => {
  write(`${platform}/job/previous`);
  expect(await previousKeys(env, NAME, modelOf(spec("")), nobody)).toEqual(nobody);
  expect(await previousKeys({ PULUMI_BACKEND_URL: "s3://none" }, NAME, modelOf(spec("")), nobody)).toEqual(nobody);
});

test("a stack that was never deployed has none", async () => {
  expect(await previousKeys(env, NAME, model, nobody)).toEqual(nobody);
});

test("a state that can't be asked ends the run: without an answer the former keys would end", async () => {
  vi.stubEnv("PATH", root);
  const asked = previousKeys({ PULUMI_BACKEND_URL: "s3://none" }, NAME, model, nobody);
  await expect(asked).rejects.toThrow(/can't be asked which keys are being replaced .*nothing was changed/);
});
