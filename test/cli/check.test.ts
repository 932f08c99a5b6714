import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketworks, ROOT } from "../support/cli.ts";
import { PLATFORM_FILES } from "../support/our-files.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "check-"));
  writeFileSync(join(dir, "good.yaml"), "bucket_groups: {raw: {buckets: [{name: a-bucket}, {name: b-bucket}]}}\n");
  writeFileSync(join(dir, "bad.yaml"), "bucket_groups: {raw: {bucket: []}}\n");
  writeFileSync(join(dir, "fallback.yaml"), "minio_config: {endpoint: minio:9000, secure: false}\n");
  const many = Array.from({ length: 2000 }, (_, index) => `  k${index}: 1\n`).join("");
  writeFileSync(join(dir, "many.yaml"), `metadata:\n${many}`);
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("bucketworks check", { timeout: 60_000 }, () => {
  test("finds the project's platforms right in every stage", async () => {
    for (const stage of [[], ["--stage", "dev"], ["--stage", "production"]]) {
      const { code, stdout, stderr } = await bucketworks(["check", ...stage, ...PLATFORM_FILES]);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "5 files, 30 buckets: right\n", stderr: "" });
    }
  });

  test("reads the platforms of this checkout, from any folder", async () => {
    const here = await bucketworks(["check"], { cwd: dir });
    expect(here).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ files?, \d+ buckets?: right\n$/) });
    expect(here.stdout).toBe((await bucketworks(["check"])).stdout);
  });

  test("works on any file", async () => {
    expect(await bucketworks(["check", "good.yaml"], { cwd: dir })).toEqual({
      code: 0,
      stdout: "1 file, 2 buckets: right\n",
      stderr: "",
    });
  });

  test("says each fault with its place and exits 1", async () => {
    const { code, stdout } = await bucketworks(["check", "good.yaml", "bad.yaml"], { cwd: dir });
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "bad.yaml:1:17 missing-key bucket_groups.raw.buckets: buckets is missing; add buckets",
      "bad.yaml:1:23 unknown-key bucket_groups.raw.bucket: unknown key bucket, allowed are description, layer, retention_days, noncurrent_days, versioning, encryption, quota, on_delete, buckets; did you mean buckets?",
      "2 faults in 1 file",
      "",
    ]);
  });

  test("adds a stage's rules with --stage only", async () => {
    expect((await bucketworks(["check", "fallback.yaml"], { cwd: dir })).code).toBe(0);
    const { code, stdout } = await bucketworks(["check", "--stage", "production", "fallback.yaml"], { cwd: dir });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fallback\.yaml:1:46 insecure-connection minio_config\.secure: /);
  });

  test("answers JSON with its version", async () => {
    const { code, stdout } = await bucketworks(["check", "--format", "json", "good.yaml", "bad.yaml"], { cwd: dir });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      stage: null,
      files: ["bad.yaml", "good.yaml"],
      buckets: 2,
      issues: [
        {
          code: "missing-key",
          file: "bad.yaml",
          line: 1,
          column: 17,
          path: "bucket_groups.raw.buckets",
          fix: "add buckets",
        },
        { code: "unknown-key" },
      ],
    });
  });

  test("is silent with --quiet where all is right", async () => {
    expect(await bucketworks(["check", "--quiet", "good.yaml"], { cwd: dir })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  test.each([
    [["check", "gone.yaml"], "error: gone.yaml can't be read: no such file; fix the path\n"],
    [
      ["check", "usdcop"],
      "error: usdcop can't be read: no such file; give the path of a platform file; commands that can work on one bucket or platform take its name by --bucket or --platform\n",
    ],
    [["check", "."], "error: . can't be read: is a folder, not a file; fix the path\n"],
    [["check", "--stage", "Production!"], /^error: "Production!" is not a stage name/],
    [["check", "--format", "xml"], /^error: option '--format <format>' argument 'xml' is invalid/],
    [["check", "--nonsense"], /^error: unknown option '--nonsense'/],
  ])("%j is wrong use: exit 2, a message, no stack trace", async (args, message) => {
    const { code, stdout, stderr } = await bucketworks(args, { cwd: dir });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test("--help has an example and the exit codes", async () => {
    const { code, stdout } = await bucketworks(["check", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ bucketworks check\n/);
    expect(stdout).toMatch(/Exit codes: 0 no fault and no mandatory policy broken, 1 faults, 2 wrong use/);
  });

  test("a reader that closes the pipe early makes no noise", () => {
    const command = `"${process.execPath}" "${join(ROOT, "cli/main.ts")}" check many.yaml | head -n 1`;
    const run = spawnSync("sh", ["-c", command], { cwd: dir, encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.stdout).toMatch(/^many\.yaml:2:3 unknown-key /);
  });
});
