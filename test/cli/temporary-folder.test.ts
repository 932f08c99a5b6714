import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "bucketworks temporary "));
});
afterEach(() => rmSync(parent, { recursive: true }));

test("what a killed run left is taken away by the next one, what others hold and what isn't ours stays", () => {
  const kept = [`a-${process.ppid}-x`, "a-x", "a-99999999", "b-99999999-x", "a"];
  for (const name of ["a-99999999-x", ...kept]) mkdirSync(join(parent, name));
  writeFileSync(join(parent, "a-99999999-x", "program"), "");
  const own = basename(temporaryFolder(parent, "a-"));
  expect(own).toMatch(new RegExp(`^a-${process.pid}-`));
  expect(readdirSync(parent).sort()).toEqual([own, ...kept].sort());
});
