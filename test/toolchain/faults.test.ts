import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { bootstrap, fakeCheckout, run } from "./checkout.ts";

function leftovers(env: NodeJS.ProcessEnv): string[] {
  const cache = join(env.XDG_CACHE_HOME ?? "", "bucketworks", "toolchain");
  return readdirSync(cache).filter((name) => !name.startsWith("node-"));
}

/** Whether this machine lets us mount a small disk for one process only. */
const canMount = run("sh", ["-c", "unshare -m true"], { cwd: "/", env: process.env }).code === 0;

describe("make toolchain says in one sentence", () => {
  it("that Go is missing, and leaves nothing behind", () => {
    const checkout = fakeCheckout();
    rmSync(join(checkout.env.PATH ?? "", "go"));
    expect(bootstrap(checkout)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /toolchain: Go 1\.25\S* or later is needed to build what can't be downloaded here, and there is no go on PATH; install it from \S+\n$/,
      ),
    });
    expect(leftovers(checkout.env)).toEqual([]);
  });

  it("that Go is too old, with both versions, and leaves nothing behind", () => {
    const checkout = fakeCheckout();
    const { code, stderr } = bootstrap(checkout, { FAKE_GO_VERSION: "1.22.12" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Go 1\.25\S* or later is needed .* the go on PATH is 1\.22\.12; install a later one/);
    expect(stderr.match(/is needed/g)).toHaveLength(1);
    expect(checkout.notes()).toEqual([]);
    expect(leftovers(checkout.env)).toEqual([]);
  });

  it("that npm is missing when Node is not cached yet", () => {
    const checkout = fakeCheckout();
    rmSync(join(checkout.env.PATH ?? "", "npm"));
    const elsewhere = temporaryFolder();
    expect(bootstrap(checkout, { XDG_CACHE_HOME: elsewhere })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^toolchain: npm is needed to get Node \d\S+, and there is none on PATH; .*\n$/),
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it.skipIf(!canMount)("that the disk is full, and leaves nothing behind", () => {
    const checkout = fakeCheckout();
    const small = join(checkout.root, "small disk");
    mkdirSync(small);
    const mount = [
      `mount -t tmpfs -o size=8m tmpfs "$SMALL" && mkdir -p "$SMALL/bucketworks"`,
      `cp -Rp "$XDG_CACHE_HOME/bucketworks/toolchain" "$SMALL/bucketworks/" && XDG_CACHE_HOME=$SMALL PATH=$INNER sh toolchain/bootstrap.sh`,
      `code=$?; ls "$SMALL/bucketworks/toolchain"; exit $code`,
    ].join("\n");
    const env = {
      ...checkout.env,
      SMALL: small,
      INNER: checkout.env.PATH,
      PATH: process.env.PATH,
      FAKE_GO_BUILD: 'LC_ALL=C dd if=/dev/zero of="$out" bs=1048576 count=200 || exit 1',
    };
    const { code, stdout, stderr } = run("unshare", ["-m", "sh", "-c", mount], { cwd: checkout.root, env });
    expect(stderr).toMatch(
      /toolchain: (?:building )?\S+: no space left on the disk; free some \(.*\), or name another place in XDG_CACHE_HOME/,
    );
    expect(code).toBe(1);
    expect(stdout.trim().split("\n")).toEqual([expect.stringMatching(/^node-/)]);
  });
});
