import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("each push and pull request runs what a change must pass (U-104, M-073)", () => {
  const workflow = read(".github/workflows/test.yaml");
  expect(workflow).toMatch(/push:[\s\S]*pull_request:[\s\S]*run: \.ci\/run/);
  expect(read(".ci/run")).toMatch(/exec make test$/m);
  expect(existsSync(join(ROOT, "CONTRIBUTING.md"))).toBe(true);
});

test("the licence is MIT, in its file and in the package (M-074, ML-003)", () => {
  expect(read("LICENSE")).toMatch(/^MIT License/);
  expect(JSON.parse(read("package.json")).license).toBe("MIT");
});
