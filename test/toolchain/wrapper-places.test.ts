import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { backendUrl } from "../../config/stack/backend.ts";
import { newestCopy, statePlaces } from "../../toolchain/state/state-files.ts";
import { ROOT } from "../support/toolchain.ts";
import { type Answer, run, script } from "./checkout.ts";
import { checkout, pulumi, REAL, STAND_IN, TRACKED } from "./stand-in-checkout.ts";

describe("the pulumi of one checkout refuses, and names both,", () => {
  it.each(["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_HOME", "MINIO_ROOT_PASSWORD_FILE"])(
    "%s of another",
    (name) => {
      const [mine, theirs] = [checkout(), checkout()];
      const value = `${name.endsWith("URL") ? "file://" : ""}${theirs}/.bucketworks/x`;
      for (const args of [
        ["preview", "-s", "dev"],
        ["stack", "export"],
        ["config", "set", "a", "b"],
      ]) {
        const { code, stdout, stderr } = pulumi(mine, args, { env: { [name]: value } });
        expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
        expect(stderr).toMatch(
          `this is the pulumi of the checkout ${mine}, and the shell's ${name} belongs to ${theirs}: specs of the one`,
        );
        expect(stderr).toContain(`nothing was done. For ${mine}: . '${mine}/toolchain/env.sh'`);
      }
      expect(readFileSync(join(mine, "Pulumi.dev.yaml"), "utf8")).toBe(TRACKED);
    },
  );

  it("the folder of another, named or current", () => {
    const [mine, theirs] = [checkout(), checkout()];
    for (const [args, cwd] of [
      [["preview", "-s", "dev"], join(theirs, "docs")],
      [["up", "-C", theirs], mine],
    ] as const) {
      const { code, stdout, stderr } = pulumi(mine, [...args], { cwd });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(`checkout ${mine}, and the folder belongs to ${theirs}: `);
    }
  });

  it("no backend that belongs to none", () => {
    const root = checkout();
    for (const PULUMI_BACKEND_URL of ["s3://states", "file:///srv/states", `file://${root}/.bucketworks/state`])
      expect(pulumi(root, ["preview", "-s", "dev"], { env: { PULUMI_BACKEND_URL } }).code).toBe(0);
  });
});

describe("in a folder whose name means something in a URL, a shell that has sourced env.sh", () => {
  const NAME = "a%20b#c?d $e";

  /** `pulumi` as a person runs it there. @param env what the shell has from before */
  function sourced(root: string, args: string[], env: NodeJS.ProcessEnv = {}, after = ""): Answer {
    const line = `. toolchain/env.sh && ${after} pulumi "$@"`;
    const clean = { PATH: process.env.PATH, HOME: root, ...env };
    return run("sh", ["-c", line, "sh", ...args], { cwd: root, env: clean });
  }
  const stateOf = (root: string, stack: string) =>
    join(root, `.bucketworks/state/.pulumi/stacks/bucketworks/${stack}.json`);

  it("runs the engine, whose state lies in this checkout and nowhere else", () => {
    const root = checkout(NAME);
    mkdirSync(join(root, ".bucketworks/state"));
    writeFileSync(join(root, ".bucketworks/passphrase"), "open sesame\n");
    rmSync(join(root, REAL));
    symlinkSync(realpathSync(join(ROOT, REAL)), join(root, REAL));
    expect(sourced(root, ["stack", "init", "fresh"])).toMatchObject({ code: 0 });
    expect(existsSync(stateOf(root, "fresh"))).toBe(true);
    rmSync(join(root, REAL));
    script(join(root, REAL), STAND_IN);
    // the selected stack is found without its name
    expect(sourced(root, ["up"]).stdout.split("|")[1]).toBe(join(root, ".bucketworks/stacks/Pulumi.fresh.yaml"));
    expect(readdirSync(join(root, ".bucketworks/state-kept/fresh"))).toHaveLength(1);
    expect(readdirSync(dirname(root))).toEqual([NAME]);
  });

  it.each([
    ["as env.sh names it", ""],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not TypeScript
    ["with a slash at its end", 'PULUMI_BACKEND_URL="${PULUMI_BACKEND_URL%%[?]*}/"'],
    ["from the current folder", 'PULUMI_BACKEND_URL="file://./.bucketworks/state"'],
  ])("builds nothing upon a state that is cut off, the backend %s", (_, after) => {
    const root = checkout(NAME);
    mkdirSync(dirname(stateOf(root, "dev")), { recursive: true });
    writeFileSync(stateOf(root, "dev"), "{");
    const { code, stdout, stderr } = sourced(root, ["up", "-s", "dev"], {}, after);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^pulumi: .*dev\.json: the state of stack dev is cut off/);
  });

  it.each([
    ["another settings file", ["up", "-s", "dev", "--config-file", "mine.yaml"], {}],
    ["another settings file in a variable", ["up", "-s", "dev"], { PULUMI_OPTION_CONFIG_FILE: "mine.yaml" }],
    ["a folder with a project of the same name", ["up", "-s", "dev", "-C", "copy"], {}],
  ])("builds nothing upon a state that is cut off, the command names %s", (_, args, env) => {
    const root = checkout(NAME);
    mkdirSync(join(root, "copy"));
    writeFileSync(join(root, "copy/Pulumi.yaml"), 'name: "bucketworks"\nruntime: nodejs\n');
    mkdirSync(dirname(stateOf(root, "dev")), { recursive: true });
    writeFileSync(stateOf(root, "dev"), "{");
    expect(sourced(root, args, env)).toMatchObject({ code: 3, stdout: "" });
    // a state of another project is none of ours
    expect(sourced(root, ["up", "-s", "dev", "-C", "other"]).code).toBe(0);
  });

  it("writes a state that is text, and never offers the state of before under a stack's former name", () => {
    const root = checkout(NAME);
    mkdirSync(join(root, ".bucketworks/state"));
    writeFileSync(join(root, ".bucketworks/passphrase"), "open sesame\n");
    rmSync(join(root, REAL));
    symlinkSync(realpathSync(join(ROOT, REAL)), join(root, REAL));
    const env = { PULUMI_SELF_MANAGED_STATE_GZIP: "true", PULUMI_DIY_BACKEND_GZIP: "true" };
    expect(sourced(root, ["stack", "init", "fresh"], env)).toMatchObject({ code: 0 });
    expect(existsSync(stateOf(root, "fresh"))).toBe(true);
    writeFileSync(join(root, ".bucketworks/stacks/fresh.salt"), "v1:salt\n");
    expect(sourced(root, ["stack", "rename", "newer"], env)).toMatchObject({ code: 0 });
    expect(existsSync(stateOf(root, "newer"))).toBe(true);
    const kept = (stack: string) => readdirSync(join(root, ".bucketworks/state-kept", stack));
    expect(kept("newer")).toEqual([expect.stringMatching(/^\d+\.json$/)]);
    expect(kept("fresh")).toEqual([expect.stringMatching(/^renamed-to-newer-\d+$/)]);
    expect(newestCopy(statePlaces(root, "bucketworks", "fresh"))).toBeUndefined();
    expect(readdirSync(join(root, ".bucketworks/stacks"))).toContain("newer.salt");
  });

  it("is refused by the pulumi of another checkout, which names the folder as it is", () => {
    const [mine, theirs] = [checkout(), checkout(NAME)];
    const PULUMI_BACKEND_URL = backendUrl(join(theirs, ".bucketworks/state"));
    const { code, stdout, stderr } = pulumi(mine, ["preview", "-s", "dev"], { env: { PULUMI_BACKEND_URL } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`the shell's PULUMI_BACKEND_URL belongs to ${theirs}: `);
  });
});
