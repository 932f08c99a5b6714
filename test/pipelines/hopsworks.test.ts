import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { checkoutAt } from "../../cli/checkout.ts";
import { runFeatures } from "../../cli/feature/program.ts";
import { pythonTestsIn } from "../support/pipelines/python-tests.ts";
import { platform } from "../support/platforms.ts";
import { ROOT } from "../support/toolchain.ts";

// Before the tests of Python are listed.
execFileSync("sh", [join(ROOT, "toolchain/pipelines.sh"), "--hopsworks"], { cwd: ROOT, stdio: "inherit" });
pythonTestsIn({ home: "pipelines", folders: ["hopsworks-store/tests"], environment: "hopsworks" }, async () => ({
  env: {},
  stop: async () => undefined,
}));

const folder = mkdtempSync(join(tmpdir(), "hopsworks-"));
const python = join(ROOT, ".bucketworks/pipelines/hopsworks/bin/python");
const { features } = platform("mlops", "dev");
if (features === null) throw new Error("mlops asks for no features");
const asked = { platform: "mlops", features: { ...features, store: "hopsworks" }, stage: "dev" } as const;
const result = z.object({ changes: z.array(z.string()) });
let server: ReturnType<typeof spawn>;

beforeAll(async () => {
  server = spawn(python, [join(ROOT, "pipelines/hopsworks-store/tests/fake_hopsworks.py"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (server.stdout === null) throw new Error("it has an output");
  const [line] = await new Promise<string[]>((told) => {
    createInterface(server.stdout as never).once("line", (text) => told([text]));
  });
  Object.assign(process.env, JSON.parse(line ?? "{}"));
}, 60_000);

afterAll(() => {
  server?.kill();
  for (const name of Object.keys(process.env)) if (name.startsWith("HOPSWORKS_")) delete process.env[name];
  rmSync(folder, { recursive: true, force: true });
});

test("ML-042: a platform whose store is hopsworks has its definitions applied there by the same command, with the shell's key", async () => {
  const checkout = checkoutAt(ROOT);
  expect(await runFeatures(checkout, asked, ["apply"], result)).toEqual({ changes: ["texts: new, 5 features"] });
  expect(await runFeatures(checkout, asked, ["status"], result)).toEqual({ changes: [] });
  process.env.HOPSWORKS_API_KEY = "another";
  await expect(runFeatures(checkout, asked, ["apply"], result)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/^feature: Hopsworks localhost:\d+: the API key is refused/),
  });
}, 60_000);

test("a stack that says nothing of Hopsworks is told how to", async () => {
  delete process.env.HOPSWORKS_HOST;
  await expect(runFeatures(checkoutAt(ROOT), asked, ["status"], result)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(
      /doesn't say where Hopsworks is: set host, project and connector of bucketworks:hopsworks/,
    ),
  });
});
