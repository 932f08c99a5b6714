import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { ROOT } from "../support/toolchain.ts";
import { bootstrap, fakeCheckout, run, script, temporaryFolder } from "./checkout.ts";

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
