import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

const folder = mkdtempSync(join(tmpdir(), "ml-check-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function steps(...targets: readonly string[]): Promise<{ readonly code: number; readonly lines: string[] }> {
  symlinkSync(join(ROOT, ".ci"), join(folder, ".ci"));
  const recipes = ["right:\n\t@echo fine", "wrong:\n\t@exit 3", 'half:\n\t@echo "images: no scanner" >>"$$NOT_DONE"'];
  writeFileSync(join(folder, "Makefile"), `${recipes.join("\n")}\n`);
  return new Promise((resolve) => {
    const child = execFile("sh", [".ci/steps.sh", ...targets], { cwd: folder }, (_, stdout) => {
      rmSync(join(folder, ".ci"));
      resolve({ code: child.exitCode ?? 1, lines: stdout.trim().split("\n") });
    });
  });
}

test("every step of ml-check runs, each has its line at the end, and one that fails makes it fail (ML-050)", async () => {
  const failed = await steps("right", "wrong", "half");
  expect(failed.lines.slice(-5)).toEqual([
    ...["passed  right", "FAILED  wrong", "passed  half", "        not done: images: no scanner"],
    "1 of 3 failed",
  ]);
  expect(failed.code).toBe(1);
  const passed = await steps("right", "half");
  expect([passed.code, passed.lines.at(-1)]).toEqual([0, "        not done: images: no scanner"]);
});

test.each([
  ["black", "format", "x = {  'a':1 }\n", "File would be reformatted"],
  ["isort", "check", "import sys\nimport os\n\nprint(os, sys)\n", "I001"],
  ["flake8", "check", "import os\n", "F401"],
  ["bandit", "check", 'import subprocess\n\nsubprocess.run("ls", shell=True, check=True)\n', "S602"],
])("ruff finds what %s would find in a program of a model (ML-052)", (name, command, text, said) => {
  const home = join(folder, name);
  mkdirSync(home);
  writeFileSync(join(home, "program.py"), text);
  const args = [
    command,
    "--config",
    join(ROOT, "pipelines/pyproject.toml"),
    ...(command === "format" ? ["--check"] : []),
  ];
  const ruff = join(ROOT, ".bucketworks/pipelines/venv/bin/ruff");
  expect(() => execFileSync(ruff, [...args, "--no-cache", home], { encoding: "utf8", stdio: "pipe" })).toThrow(
    expect.objectContaining({ status: 1, stdout: expect.stringContaining(said) }),
  );
});
