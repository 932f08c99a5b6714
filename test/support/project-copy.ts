import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isOurs, UNTOUCHED } from "./our-files.ts";
import { ROOT } from "./toolchain.ts";

/**
 * Copies what git knows or would take of the project, as it is now, to a temporary folder; the packages are linked. Platforms,
 * stacks and settings of the checkout's user stay behind.
 * The folder's name has a blank in it. The toolchain is set up there from the cache, with a stack of its own.
 * @returns the root of the copy
 */
export function copyProject(): string {
  const root = mkdtempSync(join(tmpdir(), "bucketworks checkout "));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of listed.toString("utf8").split("\0").filter(Boolean).filter(isOurs)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(ROOT, file), join(root, file), { preserveTimestamps: true });
  }
  for (const [file, text] of Object.entries(UNTOUCHED)) writeFileSync(join(root, file), text);
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  execFileSync("sh", ["toolchain/bootstrap.sh"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  // Fresh there where it is fresh here: what is tested is what `make packages` leaves.
  const bundles = join(ROOT, ".bucketworks", "bundle");
  if (existsSync(bundles)) {
    cpSync(bundles, join(root, ".bucketworks", "bundle"), { recursive: true, preserveTimestamps: true });
  }
  return root;
}

/** The environment of a shell that has sourced no `toolchain/env.sh`; `make test` runs in one that has this checkout's. */
export function plainShell(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const root = resolve(ROOT);
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => name === "PATH" || !value?.includes(root)));
}
