import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";
import { run, script } from "./checkout.ts";

/** Writes down its process id and what it was asked, and goes on until it is told to end. */
const LONG = `#!/bin/sh
printf '%s\\n' "$$" >pid
exec sleep 300
`;

/** A folder with our Makefile, whose toolchain and packages are stand-ins; `long` takes until it is told to end. */
function folder(long?: string): string {
  const root = join(temporaryFolder(), "check out");
  mkdirSync(root);
  for (const path of ["Makefile", "toolchain/env.sh", "toolchain/loopback.sh", ".ci"])
    cpSync(join(ROOT, path), join(root, path), { recursive: true });
  for (const path of ["toolchain/bootstrap.sh", "toolchain/packages.sh", "toolchain/pipelines.sh"])
    script(join(root, path), "");
  const programs = ["biome", "tsc", "vitest"].map((name) => `node_modules/.bin/${name}`);
  const tools = ["node", "npm", "pulumi", "actionlint"].map((name) => `.bucketworks/toolchain/bin/${name}`);
  const judges = ["ruff", "mypy"].map((name) => `.bucketworks/pipelines/venv/bin/${name}`);
  for (const path of [...programs, ...tools, ...judges]) script(join(root, path), "#!/bin/sh\n");
  script(join(root, "bin/bucketworks"), '#!/bin/sh\necho "bucketworks $*"\n');
  // of all that make runs through Node, the file named alone takes long
  if (long?.endsWith(".ts")) script(join(root, tools[0] ?? ""), `#!/bin/sh\n[ "$1" != ${long} ] || . ./long\n`);
  else if (long !== undefined) script(join(root, long), LONG);
  writeFileSync(join(root, "long"), LONG);
  return root;
}

const env = { PATH: process.env.PATH };
const make = (root: string, ...args: string[]) => run("make", args, { cwd: root, env });

describe("make told to end alone, as by a pipeline, ends what it runs:", () => {
  it.each([
    ["check", "node_modules/.bin/biome"],
    ["check", ".bucketworks/toolchain/bin/npm"],
    ["check", "node_modules/.bin/vitest"],
    ["test", "node_modules/.bin/tsc"],
    ["test", "node_modules/.bin/vitest"],
    ["golden", "node_modules/.bin/vitest"],
    ["drift-table", "node_modules/.bin/vitest"],
    ["images-test", "node_modules/.bin/vitest"],
    ["docs", "docs/generate.ts"],
    ["bench", "test/bench/start.ts"],
    ["bench", "test/bench/buckets.ts"],
    ["cluster-up", "test/support/kubernetes/command.ts"],
  ])("%s, while %s runs", async (target, long) => {
    // cluster-parts come before every test
    const root = folder(long);
    const child = spawn("make", [target], { cwd: root, env, stdio: "ignore" });
    const ended = once(child, "exit");
    const pid = join(root, "pid");
    await expect.poll(() => existsSync(pid) && readFileSync(pid, "utf8"), { timeout: 20_000 }).toMatch(/^\d+\n$/);
    child.kill("SIGTERM");
    await ended;
    const isThere = () => {
      try {
        return process.kill(Number(readFileSync(pid, "utf8")), 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isThere, { timeout: 20_000 }).toBe(false);
  });
});

it("after Ctrl-C nothing follows a step that goes on to its end, as one that ignores the signal does", async () => {
  const root = folder();
  script(join(root, "node_modules/.bin/biome"), "#!/bin/sh\ntrap '' INT\necho $$ >pid\nsleep 1\n");
  script(join(root, "node_modules/.bin/vitest"), "#!/bin/sh\necho vitest >followed\n");
  const child = spawn("make", ["check"], { cwd: root, env, stdio: "ignore", detached: true });
  const ended = once(child, "exit");
  await expect.poll(() => existsSync(join(root, "pid")), { timeout: 20_000 }).toBe(true);
  process.kill(-Number(child.pid), "SIGINT");
  const [code] = await ended;
  expect(code).not.toBe(0);
  expect(existsSync(join(root, "followed"))).toBe(false);
});

describe("in a checkout of which only the toolchain was made", () => {
  function onlyToolchain(): string {
    const root = folder();
    mkdirSync(join(root, ".bucketworks/stacks"));
    writeFileSync(join(root, ".bucketworks/passphrase"), "x\n");
    return root;
  }

  it("make clean deletes what that made, and asks before it unless it is told", () => {
    expect(make(onlyToolchain(), "clean").stdout).toBe("bucketworks clean\n");
    expect(make(onlyToolchain(), "clean", "YES=1").stdout).toBe("bucketworks clean --yes\n");
  });

  it.each(["down", "destroy"])("make %s has nothing to do", (target) => {
    expect(make(onlyToolchain(), target).stdout).toBe(`${target}: nothing to do, there is no local server here\n`);
  });
});

it.each(["down", "destroy", "clean"])(
  "make %s has nothing to do where nothing was made, and installs nothing",
  (target) => {
    const root = folder();
    script(join(root, "toolchain/packages.sh"), "exit 1\n");
    expect(make(root, target)).toEqual({
      code: 0,
      stdout: `${target}: nothing to do, there is no local server here\n`,
      stderr: "",
    });
  },
);
