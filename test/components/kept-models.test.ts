import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keptModels } from "../../components/kept-models.ts";

const NAME = { project: "bucketworks", stack: "dev" };
const PLATFORM = "bucketworks:storage:Platform";
const KEPT = { specDigest: "d1", model: "H4sI" };

let root: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-kept-"));
  env = { PULUMI_BACKEND_URL: `file://${root}` };
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

test("an update of keys alone says again what the state keeps of each platform; what it doesn't keep isn't made up", async () => {
  const resource = (type: string, name: string, outputs?: object) => ({
    ...{ type, urn: `urn:pulumi:dev::bucketworks::${type}::${name}` },
    outputs,
  });
  const resources = [
    resource(PLATFORM, "usdcop", { kept: KEPT }),
    resource(PLATFORM, "of-an-older-version", {}),
    resource(PLATFORM, "bare"),
    resource("bucketworks:index:Bucket", "raw", { kept: KEPT }),
  ];
  const stacks = join(root, ".pulumi", "stacks", NAME.project);
  mkdirSync(stacks, { recursive: true });
  writeFileSync(join(stacks, "dev.json"), JSON.stringify({ checkpoint: { latest: { resources } } }));
  expect([...(await keptModels(env, NAME, "state"))]).toEqual([["usdcop", KEPT]]);
});

test("what the last update that went well left is taken from its file, whatever the state says since", async () => {
  const file = join(root, "kept.json");
  writeFileSync(file, JSON.stringify({ usdcop: KEPT }));
  expect([...(await keptModels(env, NAME, file))]).toEqual([["usdcop", KEPT]]);
});

test("a stack that was never deployed keeps none", async () => {
  expect((await keptModels(env, NAME, "state")).size).toBe(0);
});

test("a state that can't be asked ends the run: else a rollback to it would deploy what was never deployed", async () => {
  vi.stubEnv("PATH", root);
  const asked = keptModels({ PULUMI_BACKEND_URL: "s3://none" }, NAME, "state");
  await expect(asked).rejects.toThrow(/can't be asked which models it keeps; nothing was changed/);
});
