import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookAtPackages } from "../../../cli/doctor/checks/packages.ts";
import { lookAtPlugins } from "../../../cli/doctor/checks/plugins.ts";
import { lookAtToolchain } from "../../../cli/doctor/checks/toolchain.ts";
import { settle } from "../../../toolchain/cache/entry.ts";
import { readPins, releaseTag } from "../../../toolchain/pins.ts";
import { ROOT } from "../../support/cli.ts";

const pins = readPins(join(ROOT, "toolchain"));
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bare checkout "));
  for (const name of ["toolchain/pins.json", "package-lock.json"]) put(name, undefined);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, text: string | undefined): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  if (text === undefined) cpSync(join(ROOT, name), join(root, name));
  else writeFileSync(join(root, name), text);
}

/** A piece of the cache with one program, linked into the checkout as `make toolchain` does. */
async function piece(entry: string, program: string, link: string): Promise<string> {
  const folder = join(root, "cache", `${entry}-0123456789ab`);
  for (const name of ["draft", "cache"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "draft", program), "program");
  await settle(join(root, "draft"), folder, "test", 0);
  mkdirSync(dirname(join(root, ".bucketworks/toolchain", link)), { recursive: true });
  symlinkSync(join(folder, program), join(root, ".bucketworks/toolchain", link));
  return join(folder, program);
}

describe("the toolchain", () => {
  const all = async () => {
    const files = [await piece(`node-${pins.node}`, "node", "bin/node")];
    files.push(await piece(`cli-${pins.pulumi.version}`, "pulumi", "lib/pulumi"));
    files.push(await piece(`mc-${releaseTag(pins.mc.version).tag}`, "mc", "bin/mc"));
    files.push(await piece(`minio-${pins.silo.release}`, "minio", "bin/minio"));
    return files;
  };

  test("that is whole and as pinned is right", async () => {
    await all();
    const seen = await lookAtToolchain({ root });
    expect(seen.filter(({ state }) => state !== "note")).toMatchObject([
      { state: "right", seen: expect.stringContaining(`node-${pins.node}, cli-${pins.pulumi.version}`) },
    ]);
  });

  test("none is wrong, program by program", async () => {
    const wrong = (await lookAtToolchain({ root })).filter(({ state }) => state === "wrong");
    expect(wrong.map(({ seen, cure }) => [seen.split(" ")[0], cure])).toEqual(
      ["node", "pulumi", "mc", "minio"].map((name) => [name, "make toolchain"]),
    );
  });

  test("with a program that somebody changed is wrong, and the cure reads every file", async () => {
    const [, pulumi = ""] = await all();
    writeFileSync(pulumi, "another program");
    const seen = await lookAtToolchain({ root });
    expect(seen).toContainEqual({
      state: "wrong",
      seen: expect.stringMatching(/^pulumi is damaged: pulumi has 15 bytes instead of 7/),
      cure: "make toolchain VERIFY=1",
    });
  });

  test("of another pin is wrong, and both are named", async () => {
    await piece("node-18.0.0", "node", "bin/node");
    const seen = await lookAtToolchain({ root });
    expect(seen).toContainEqual(
      expect.objectContaining({
        state: "wrong",
        seen: `node is node-18.0.0-0123456789ab, pinned is node-${pins.node}-...`,
      }),
    );
  });
});

describe("packages", () => {
  test.each<[string, () => void, string, RegExp]>([
    ["not there", () => undefined, "wrong", /aren't installed/],
    ["installed in part", () => put("node_modules/x/package.json", "{}"), "wrong", /weren't installed to the end/],
    ["of another lock file", () => put("node_modules/.package-lock.installed", "{}"), "wrong", /another package-lock/],
    [
      "as locked",
      () => {
        put("node_modules/x/package.json", "{}");
        cpSync(join(root, "package-lock.json"), join(root, "node_modules/.package-lock.installed"));
      },
      "right",
      /as package-lock.json has them/,
    ],
  ])("%s", async (_, prepare, state, words) => {
    prepare();
    const seen = await lookAtPackages({ root });
    expect(seen).toMatchObject([{ state, seen: expect.stringMatching(words) }]);
  });
});

describe("plugins", () => {
  const plugins = ".bucketworks/pulumi-home/plugins";
  const own = "provider/pulumi-resource-bucketworks";

  test("missing, of another version, or not to be started: each is named with its cure", async () => {
    put(`${plugins}/resource-minio-v0.0.1/plugin`, "");
    put(own, "#!/bin/sh\n");
    chmodSync(join(root, own), 0o600);
    const seen = await lookAtPlugins({ root });
    expect(seen.map((each) => [each.state, each.cure])).toEqual([
      ["wrong", "make toolchain"],
      ["wrong", "make toolchain"],
      ["wrong", `git checkout ${own}`],
    ]);
    expect(seen[0]?.seen).toContain(
      `resource-minio-v${pins.minioPlugin.version} isn't there; there is resource-minio-v0.0.1`,
    );
  });

  test("as pinned are right", async () => {
    put(`${plugins}/resource-minio-v${pins.minioPlugin.version}/plugin`, "");
    put(`${plugins}/resource-kubernetes-v${pins.kubernetesPlugin.version}/plugin`, "");
    put(own, undefined);
    expect(await lookAtPlugins({ root })).toMatchObject([{ state: "right" }]);
  });
});

describe("in a bare clone, without a package of npm", () => {
  const bare = (...args: string[]) => {
    for (const name of ["toolchain", "cli", "config", "bin", "provider"]) {
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    }
    put("package.json", undefined);
    return spawnSync(join(root, "bin/bucketworks"), args, { cwd: root, encoding: "utf8" });
  };

  test("doctor looks at what can be looked at, and ends with 1", () => {
    const { status, stdout, stderr } = bare("doctor");
    expect([status, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^wrong {4}packages: npm packages aren't installed\n {9}cure: make packages$/m);
    expect(stdout).toMatch(/^right {4}disk: \d+ MiB free/m);
    expect(stdout).toContain("skipped  everything else");
  });

  test("any other command says what is missing in one sentence", () => {
    const { status, stderr } = bare("verify");
    expect([status, stderr]).toEqual([
      3,
      `bucketworks: its npm packages aren't installed; run make packages in ${root}\n`,
    ]);
  });
});
