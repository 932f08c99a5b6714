import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";
import { bootstrap, fakeCheckout, run, script } from "./checkout.ts";

/** A checkout whose toolchain is built and whose npm is a stand-in that takes a second. */
function unpacked(): { root: string; installs: () => string[]; env: NodeJS.ProcessEnv } {
  const root = join(temporaryFolder(), "check out");
  mkdirSync(root);
  cpSync(join(ROOT, "toolchain"), join(root, "toolchain"), { recursive: true });
  writeFileSync(join(root, "package-lock.json"), "{}\n");
  const bin = join(root, ".bucketworks/toolchain/bin");
  script(join(bin, "pulumi"), "#!/bin/sh\n");
  script(join(bin, "npm"), '#!/bin/sh\necho "$*" >>notes\nmkdir node_modules && sleep 1\n');
  const notes = join(root, "notes");
  const env = { PATH: process.env.PATH };
  return { root, env, installs: () => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : []) };
}

it("two first runs at once install the packages once, the second one waits and says for whom; a third does nothing", async () => {
  const { root, env, installs } = unpacked();
  const both = [0, 1].map(async () => {
    const child = spawn("sh", ["toolchain/packages.sh"], { cwd: root, env });
    const [[code], said] = await Promise.all([once(child, "close"), text(child.stderr)]);
    return { code, said };
  });
  const ended = (await Promise.all(both)).sort((a, b) => a.said.length - b.said.length);
  expect(ended).toEqual([
    { code: 0, said: "" },
    { code: 0, said: expect.stringMatching(/^toolchain: npm packages: process \d+ is at it, waiting\n$/) },
  ]);
  expect(run("sh", ["toolchain/packages.sh"], { cwd: root, env }).code).toBe(0);
  expect(installs()).toEqual(["ci --loglevel=error"]);
});

it.each([
  ["whose process is dead", "99999999\n"],
  ["whose process was killed before it said who it is", undefined],
])("a lock %s is no reason to wait for ever", (_, pid) => {
  const { root, env, installs } = unpacked();
  const lock = join(root, ".bucketworks/packages.lock");
  mkdirSync(lock);
  if (pid !== undefined) writeFileSync(join(lock, "pid"), pid);
  expect(run("sh", ["toolchain/packages.sh"], { cwd: root, env }).code).toBe(0);
  expect(installs()).toHaveLength(1);
  expect(existsSync(lock)).toBe(false);
});

it("packages of another checkout are left to it, also where they are of another lock file; a link to none is a fault", () => {
  const { root, env, installs } = unpacked();
  const theirs = join(temporaryFolder(), "node_modules");
  mkdirSync(theirs);
  writeFileSync(join(theirs, ".package-lock.installed"), "another\n");
  symlinkSync(theirs, join(root, "node_modules"));
  expect(run("sh", ["toolchain/packages.sh"], { cwd: root, env })).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(readFileSync(join(theirs, ".package-lock.installed"), "utf8")).toBe("another\n");
  rmSync(theirs, { recursive: true });
  const { code, stderr } = run("sh", ["toolchain/packages.sh"], { cwd: root, env });
  expect([code, stderr]).toEqual([1, expect.stringContaining("node_modules is a link to packages that aren't there")]);
  expect(installs()).toEqual([]);
});

it("a lock whose process id belongs to another process by now is no reason to wait", () => {
  const { root, env } = unpacked();
  const lock = join(root, ".bucketworks/packages.lock");
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), `${process.pid}\n`);
  writeFileSync(join(lock, "started"), "1\n");
  expect(run("sh", ["toolchain/packages.sh"], { cwd: root, env })).toEqual({ code: 0, stdout: "", stderr: "" });
});

const LOCK = readFileSync(join(ROOT, "toolchain/lock.sh"), "utf8");

it("another user's process counts as alive, one that has ended doesn't", () => {
  // nobody may send process 1 a signal but root
  const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
  const lives = (pid: number): number | null =>
    spawnSync("sh", ["-c", `${LOCK}\nowner_lives /nowhere ${pid}`], { cwd: "/", ...uid }).status;
  expect(lives(1)).toBe(0);
  expect(lives(99999999)).toBe(1);
});

it("of two that found the same owner dead, the slower one doesn't remove the lock that the faster one has taken", () => {
  const lock = join(temporaryFolder(), "lock");
  const breakLock = (pid: string): number | null =>
    spawnSync("sh", ["-c", `${LOCK}\nbreak_lock '${lock}' ${pid}`]).status;
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), "22\n");
  expect(breakLock("11")).toBe(0);
  expect(readFileSync(join(lock, "pid"), "utf8")).toBe("22\n");
  expect(breakLock("22")).toBe(0);
  expect(readdirSync(dirname(lock))).toEqual([]);
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s during an installation ends npm, lets the lock go and answers %i", async (signal, code) => {
  const { root, env } = unpacked();
  script(join(root, ".bucketworks/toolchain/bin/npm"), "#!/bin/sh\necho $$ >notes\nexec sleep 300\n");
  const child = spawn("sh", ["toolchain/packages.sh"], { cwd: root, env });
  const ended = once(child, "exit");
  const notes = join(root, "notes");
  await expect.poll(() => existsSync(notes) && readFileSync(notes, "utf8"), { timeout: 20_000 }).toMatch(/^\d+\n$/);
  child.kill(signal);
  expect(await ended).toEqual([code, null]);
  expect(() => process.kill(Number(readFileSync(notes, "utf8")), 0)).toThrow("ESRCH");
  expect(existsSync(join(root, ".bucketworks/packages.lock"))).toBe(false);
});

it.each([{ HOME: undefined }, { HOME: "" }])("without a home (%j) the account's is taken", (home) => {
  const checkout = fakeCheckout();
  const folder = dirname(checkout.root);
  script(join(folder, "bin/id"), "#!/bin/sh\necho 1000\n");
  script(join(folder, "bin/getent"), `#!/bin/sh\necho "somebody:x:1000:1000::${folder}:/bin/sh"\n`);
  cpSync(join(folder, "cache"), join(folder, ".cache"), { recursive: true, verbatimSymlinks: true });
  const { code, stderr } = bootstrap(checkout, { ...home, XDG_CACHE_HOME: undefined });
  expect(code, stderr).toBe(0);
  expect(existsSync(join(folder, ".cache/bucketworks/toolchain"))).toBe(true);
  expect(checkout.notes().length).toBeGreaterThan(1);
});

it("an account without a home is told in one sentence what to set", () => {
  const checkout = fakeCheckout();
  script(join(dirname(checkout.root), "bin/id"), "#!/bin/sh\necho no-such-account\n");
  script(join(dirname(checkout.root), "bin/getent"), "#!/bin/sh\nexit 2\n");
  expect(bootstrap(checkout, { HOME: undefined, XDG_CACHE_HOME: undefined })).toEqual({
    code: 1,
    stdout: "",
    stderr: "toolchain: HOME is not set and the account has no home; set HOME to a folder that you may write to\n",
  });
});
