import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { McClient } from "../../live/mc.ts";
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

test("a scan hears no signal by itself: one place does for every command", () => {
  const heard = (): number[] => ["SIGINT", "SIGTERM", "SIGHUP"].map((name) => process.listenerCount(name));
  const before = heard();
  const server = { endpoint: "127.0.0.1:1", secure: false, accessKey: "a", secretKey: "b", caFile: undefined };
  const mc = new McClient(server as ConstructorParameters<typeof McClient>[0], "mc");
  try {
    expect(heard()).toEqual(before);
  } finally {
    mc.remove();
  }
});
