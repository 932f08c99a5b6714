import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSpecs, loadModel } from "../../config/spec.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "model-"));
  const server =
    "minio_config: {endpoint: minio:9000, access_key: operator, secret_key: very-secret-one, secure: false}\n";
  writeFileSync(join(dir, "one.yaml"), `${server}bucket_groups: {raw: {buckets: [{name: one-bucket}]}}\n`);
  writeFileSync(join(dir, "two.yaml"), "bucket_groups: {raw: {buckets: [{name: two-bucket}]}}\n");
});
afterAll(() => rmSync(dir, { recursive: true }));

test("a model holds all platforms of a folder, and credentials stand beside it, never in it", () => {
  const result = loadModel({ dir, stage: "dev", env: {} });
  if (!result.ok) throw new Error("must be right");
  expect(result.model.platforms.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(result.model.connection).toEqual({ endpoint: "minio:9000", secure: false, region: "us-east-1" });
  expect(result.credentials).toEqual({ accessKey: "operator", secretKey: "very-secret-one" });
  expect(JSON.stringify(result.model)).not.toMatch(/operator|very-secret-one/);
});

test("a stack of some platforms has no fallback from the others", () => {
  const result = loadModel({ dir, platforms: ["two"], stage: "dev", env: {} });
  expect(result).toMatchObject({
    ok: true,
    credentials: null,
    model: { connection: null, platforms: [{ name: "two" }] },
  });
});

test("a model is refused for exactly what check finds in that stage", () => {
  const result = loadModel({ dir, stage: "production", env: {} });
  const report = checkSpecs({ dir, stage: "production", env: {} });
  expect(report.issues.map(({ code }) => code)).toEqual(["insecure-connection"]);
  expect(result).toEqual({ ok: false, issues: report.issues });
  expect(loadModel({ dir, stage: "production", env: {}, use: { connection: false, credentials: false } }).ok).toBe(
    true,
  );
});

test("a report counts files and buckets", () => {
  expect(checkSpecs({ dir, stage: null, env: {} })).toMatchObject({
    files: [join(dir, "one.yaml"), join(dir, "two.yaml")],
    buckets: 2,
    issues: [],
  });
});
