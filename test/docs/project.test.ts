import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("each push and pull request runs what a change must pass (U-104, M-073)", () => {
  const workflow = read(".github/workflows/test.yaml");
  expect(workflow).toMatch(/push:[\s\S]*pull_request:[\s\S]*run: .*\.ci\/run$/m);
  expect(read(".ci/run")).toMatch(/exec make test$/m);
  expect(existsSync(join(ROOT, "CONTRIBUTING.md"))).toBe(true);
});

test("what runs there may start the cluster that proofs rely on, and fails when one of them is skipped", () => {
  expect(read(".github/workflows/test.yaml")).toMatch(/modprobe .*br_netfilter$[\s\S]*run: sudo .*\.ci\/run$/m);
  expect(read(".ci/run")).toMatch(/^export BUCKETWORKS_EVERY_PROOF=1$[\s\S]*^exec make test$/m);
  expect(read("vitest.config.ts")).toContain("./test/support/proof-reporter.ts");
});

test("the licence is MIT, in its file and in the package (M-074, ML-003)", () => {
  expect(read("LICENSE")).toMatch(/^MIT License/);
  expect(JSON.parse(read("package.json")).license).toBe("MIT");
});
