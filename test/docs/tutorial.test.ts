import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bucketworks, ROOT } from "../support/cli.ts";
import { isOurs, PLATFORM_FILES } from "../support/our-files.ts";

const TUTORIAL = readFileSync(join(ROOT, "docs/tutorial.md"), "utf8");

test.each(["dev", "production"])(
  "the example passes in the file that the tutorial names, beside ours, in stage %s",
  async (stage) => {
    const [, path = "", name = ""] = /`(config\/platforms\/(\w+\.yaml))`/.exec(TUTORIAL) ?? [];
    expect(PLATFORM_FILES).not.toContain(path);
    const folder = mkdtempSync(join(tmpdir(), "bucketworks-readme-"));
    try {
      const file = join(folder, name);
      writeFileSync(file, /```yaml\n([\s\S]*?)```/.exec(TUTORIAL)?.[1] ?? "");
      const { code, stdout, stderr } = await bucketworks(["check", "--stage", stage, ...PLATFORM_FILES, file]);
      expect(stdout + stderr).toContain("6 files, 31 buckets: right");
      expect(code).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test.each([
  ["a platform of their own", "config/platforms/scratch.yaml"],
  ["the same by another extension", "config/platforms/usdcop.yml"],
  ["a stack", "Pulumi.staging.yaml"],
  ["settings of a stack that is ours", "Pulumi.production.yaml"],
  ["what a scan shall ignore", "config/scan-ignore.yaml"],
])("the project's tests try nothing of its users: %s", (_, path) => {
  expect(isOurs(path)).toBe(false);
});

test("and try all that is the project's", () => {
  expect(
    [...PLATFORM_FILES, "Pulumi.yaml", "config/defaults.ts", "config/migrations/a/1.sql"].filter(isOurs),
  ).toHaveLength(8);
});
