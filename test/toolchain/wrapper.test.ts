import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { backendUrl } from "../../config/backend.ts";
import { newestCopy, statePlaces } from "../../toolchain/state/places.ts";
import { ROOT, tool } from "../support/toolchain.ts";
import { type Answer, run, script, temporaryFolder } from "./checkout.ts";

const TRACKED = "# a comment\nconfig:\n  bucketworks:x: y\n";

/** The real CLI's place. */
const REAL = ".bucketworks/toolchain/lib/pulumi";
// biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not TypeScript
const STAND_IN = '#!/bin/sh\necho "$PWD|${PULUMI_OPTION_CONFIG_FILE-none}|${PULUMI_STACK-none}|$*"\n';

/** A checkout whose real CLI is a stand-in: it prints its folder, its config file and its arguments. */
function checkout(name = "check out"): string {
  const root = join(temporaryFolder(), name);
  mkdirSync(join(root, "docs"), { recursive: true });
  mkdirSync(join(root, "other"));
  for (const name of ["toolchain/bin", ".bucketworks/toolchain/bin", ".bucketworks/stacks"])
    mkdirSync(join(root, name), { recursive: true });
  const own = ["stack-settings.ts", "fault.ts", "node", "state", "loopback.sh", "env.sh"].map(
    (each) => `toolchain/${each}`,
  );
  for (const name of [...own, "package.json"]) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(tool("node"), join(root, ".bucketworks/toolchain/bin/node"));
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  cpSync(join(ROOT, "toolchain/bin/pulumi"), join(root, "toolchain/bin/pulumi"));
  symlinkSync(join(root, "toolchain/bin/pulumi"), join(root, ".bucketworks/toolchain/bin/pulumi"));
  script(join(root, REAL), STAND_IN);
  writeFileSync(join(root, "Pulumi.yaml"), "name: bucketworks\nruntime: nodejs\n");
  writeFileSync(join(root, "other/Pulumi.yaml"), "name: other\nruntime: nodejs\n");
  writeFileSync(join(root, "Pulumi.dev.yaml"), TRACKED);
  writeFileSync(join(root, "Pulumi.own.yaml"), "encryptionsalt: v1:own\n");
  for (const stack of ["dev", "own"]) writeFileSync(join(root, `.bucketworks/stacks/${stack}.salt`), "v1:salt\n");
  return root;
}

function pulumi(root: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Answer {
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    PULUMI_HOME: join(root, ".bucketworks/pulumi-home"),
    ...options.env,
  };
  return run(join(root, ".bucketworks/toolchain/bin/pulumi"), args, { cwd: options.cwd ?? root, env });
}

/** The config file the real CLI was given, or `none`. */
function given(
  root: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string | undefined {
  return pulumi(root, args, options).stdout.split("|")[1];
}

const settings = (root: string) => join(root, ".bucketworks/stacks/Pulumi.dev.yaml");

describe("the pulumi of the toolchain", () => {
  it("hands over the tracked settings with the stack's salt, in a file only the owner reads", () => {
    const root = checkout();
    expect(given(root, ["up", "-s", "dev"])).toBe(settings(root));
    expect(readFileSync(settings(root), "utf8")).toBe(`${TRACKED}\nencryptionsalt: v1:salt\n`);
    expect(statSync(settings(root)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")).toBe(TRACKED);
  });

  it.each([
    [["up", "--stack", "dev"]],
    [["preview", "--stack=dev"]],
    [["-s", "dev", "refresh"]],
    [["up", "-sdev"]],
    [["up", "-s=dev"]],
    [["up", "-ys", "dev"]],
    [["up", "-fysdev"]],
    [["destroy", "-s", "organization/bucketworks/dev", "--yes"]],
    [["up", "-m", "preview it", "-s", "dev"]],
    [["--color", "never", "import", "a:b/c:D", "name", "id", "-s", "dev"]],
  ])("finds the stack in %j", (args) => {
    const root = checkout();
    expect(given(root, args)).toBe(settings(root));
    expect(pulumi(root, args).stdout.trim().split("|")[3]).toBe(args.join(" "));
  });

  it("finds the stack in PULUMI_STACK, and else takes the selected one", () => {
    const root = checkout();
    expect(given(root, ["up"], { env: { PULUMI_STACK: "dev" } })).toBe(settings(root));
    const workspaces = join(root, ".bucketworks/pulumi-home/workspaces");
    mkdirSync(workspaces, { recursive: true });
    const digest = createHash("sha1").update(join(root, "Pulumi.yaml")).digest("hex");
    const selected = {
      stacks: {
        "file:///other": "organization/bucketworks/own",
        "file:///x?metadata=skip": "organization/bucketworks/dev",
      },
    };
    writeFileSync(join(workspaces, `bucketworks-${digest}-workspace.json`), JSON.stringify(selected, undefined, 4));
    expect(given(root, ["up"], { env: { PULUMI_BACKEND_URL: "file:///x?metadata=skip" } })).toBe(settings(root));
    expect(given(root, ["up"], { env: { PULUMI_BACKEND_URL: "file:///elsewhere" } })).toBe("none");
  });

  it("counts the folder it is run in or pointed at: below the project yes, another project no", () => {
    const root = checkout();
    expect(given(root, ["up", "-s", "dev"], { cwd: join(root, "docs") })).toBe(settings(root));
    expect(given(root, ["-C", root, "up", "-s", "dev"], { cwd: "/" })).toBe(settings(root));
    expect(given(root, ["up", "-s", "dev"], { cwd: join(root, "other") })).toBe("none");
    expect(given(root, ["up", "-s", "dev", "--cwd=other"])).toBe("none");
    expect(given(root, ["up", "-s", "dev"], { cwd: "/" })).toBe("none");
  });

  it("stays out of the way of other commands, other settings files, and stacks with secrets settings or no salt", () => {
    const root = checkout();
    for (const args of [["stack", "ls"], ["version"], ["stack", "output", "-s", "dev"]]) {
      expect(given(root, args)).toBe("none");
    }
    expect(given(root, ["up", "-s", "dev", "--config-file", "mine.yaml"])).toBe("none");
    expect(given(root, ["up", "-s", "own"])).toBe("none");
    expect(given(root, ["up", "-s", "production"])).toBe("none");
    expect(given(root, ["up"])).toBe("none");
  });

  it("runs stack history beside the project, where the salt may be written", () => {
    const root = checkout();
    const [folder, , stack] = pulumi(root, ["stack", "history", "--show-secrets", "-s", "dev"]).stdout.split("|");
    expect([folder, stack]).toEqual([join(root, ".bucketworks/stacks"), "dev"]);
    expect(readFileSync(join(root, ".bucketworks/stacks/Pulumi.yaml"), "utf8")).toBe(
      "name: bucketworks\nruntime: nodejs\n",
    );
  });

  it.each([
    ["config", "set", "--secret", "token", "x", "-s", "dev"],
    ["config", "set", "name", "x", "-s", "dev"],
    ["config", "rm", "name", "-s", "dev"],
  ])("has a local stack's settings written beside the tracked ones: %s %s %s", (...args) => {
    const root = checkout();
    const { code, stdout, stderr } = pulumi(root, args);
    const own = join(root, ".bucketworks/stacks/own/Pulumi.dev.yaml");
    expect([code, stdout.split("|")[1]]).toEqual([0, own]);
    expect(stderr).toMatch(/^pulumi: kept for this checkout alone, in \.bucketworks\/stacks\/own\/Pulumi\.dev\.yaml/);
    expect(readFileSync(own, "utf8")).toBe("encryptionsalt: v1:salt\n");
    expect(statSync(own).mode & 0o777).toBe(0o600);
  });

  it("lets what is set here win over the tracked settings, and keeps the rest of those", () => {
    const root = checkout();
    const own = join(root, ".bucketworks/stacks/own");
    mkdirSync(own);
    const secret = "    secure: v1:abc:def\n";
    writeFileSync(join(root, "Pulumi.dev.yaml"), `${TRACKED}  bucketworks:y: kept\n`);
    writeFileSync(join(own, "Pulumi.dev.yaml"), `config:\n  bucketworks:x: mine\n  bucketworks:z:\n${secret}`);
    expect(given(root, ["up", "-s", "dev"])).toBe(settings(root));
    expect(readFileSync(settings(root), "utf8")).toBe(
      `# a comment\nconfig:\n  bucketworks:x: mine\n  bucketworks:y: kept\n  bucketworks:z:\n${secret}\nencryptionsalt: v1:salt\n`,
    );
    for (const args of [["config"], ["config", "get", "x"]]) {
      expect(given(root, [...args, "-s", "dev"])).toBe(settings(root));
    }
  });

  it("says which settings file is no YAML, and starts nothing", () => {
    const root = checkout();
    mkdirSync(join(root, ".bucketworks/stacks/own"));
    writeFileSync(join(root, ".bucketworks/stacks/own/Pulumi.dev.yaml"), "a: [\n");
    const { code, stdout, stderr } = pulumi(root, ["up", "-s", "dev"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^pulumi: .*own\/Pulumi\.dev\.yaml can't be read: .*\n$/);
  });

  it("makes and removes a stack where its settings file may be written", () => {
    const root = checkout();
    const lines = pulumi(root, ["stack", "init", "--secrets-provider", "passphrase", "production"]).stdout.split("\n");
    expect(lines[0]).toMatch(
      /\.bucketworks\/stacks\/own\|none\|.*stack init --secrets-provider passphrase production$/,
    );
    expect(lines[1]).toContain(`stack select production --cwd ${root}`);
    expect(given(root, ["up", "-s", "production"])).toBe(join(root, ".bucketworks/stacks/Pulumi.production.yaml"));
    expect(pulumi(root, ["stack", "rm", "production", "--yes"]).stdout).toMatch(/^\S.*\/stacks\/own\|/);
    expect(pulumi(root, ["stack", "init", "production", "--no-select"]).stdout).not.toContain("select production");
  });

  it("leaves a shared stack to Pulumi alone: its tracked settings name the salt or the secrets provider", () => {
    const root = checkout();
    for (const key of ["encryptionsalt", "secretsprovider", "encryptedkey"]) {
      writeFileSync(join(root, "Pulumi.own.yaml"), `${key}: x\n`);
      for (const args of [["config", "set", "--secret", "a", "b"], ["up"], ["stack", "rm"], ["stack", "init", "own"]]) {
        const [folder, file] = pulumi(root, [...args, "-s", "own"]).stdout.split("|");
        expect([folder, file]).toEqual([root, "none"]);
      }
    }
  });

  describe("forwards the port of a MinIO that a stack deploys on Kubernetes", () => {
    const CLUSTER = "config:\n  bucketworks:target: kubernetes\n";
    const SHARED = `encryptionsalt: v1:shared\n${CLUSTER}`;

    /** The command line of `bucketworks`, where the real CLI is run by it. */
    function forwarded(root: string, args: string[]): string | undefined {
      const { stdout } = pulumi(root, args);
      return stdout.startsWith("bucketworks ") ? stdout.trim() : undefined;
    }

    function clusterCheckout(settings: string, salt = true): string {
      const root = checkout();
      mkdirSync(join(root, "cli"));
      writeFileSync(join(root, "cli/main.ts"), 'console.log("bucketworks", ...process.argv.slice(2));\n');
      writeFileSync(join(root, "Pulumi.cluster.yaml"), settings);
      if (salt) writeFileSync(join(root, ".bucketworks/stacks/cluster.salt"), "v1:salt\n");
      return root;
    }

    it.each([
      ["is this checkout's own", CLUSTER, true],
      ["is shared, its salt in the tracked settings", SHARED, false],
      ["is shared, and has a salt here from before", SHARED, true],
      ["names a secrets provider", `secretsprovider: awskms://x\n${CLUSTER}`, false],
      ["sets an empty endpoint, as good as none", `${SHARED}  bucketworks:endpoint: ""\n`, false],
    ])("which %s", (_, settings, salt) => {
      const root = clusterCheckout(settings, salt);
      const real = join(root, ".bucketworks/toolchain/lib/pulumi");
      for (const command of ["up", "preview", "refresh", "destroy"]) {
        expect(forwarded(root, [command, "--yes", "-s", "cluster"])).toBe(
          `bucketworks forward --quiet --stack cluster -- ${real} ${command} --yes -s cluster`,
        );
      }
    });

    it.each([
      ["is there already", SHARED.replace("kubernetes", "external"), ["up"]],
      ["has an endpoint", `${SHARED}  bucketworks:endpoint: minio.example:9000\n`, ["up"]],
      ["isn't asked for anything", SHARED, ["stack", "history"]],
    ])("but for one that %s", (_, settings, args) => {
      for (const salt of [true, false]) {
        expect(forwarded(clusterCheckout(settings, salt), [...args, "-s", "cluster"])).toBeUndefined();
      }
    });
  });

  it("says what to run when the toolchain is not built", () => {
    const root = checkout();
    run("rm", ["-r", ".bucketworks/toolchain/lib"], { cwd: root, env: process.env });
    expect(pulumi(root, ["version"])).toMatchObject({
      code: 127,
      stderr: `pulumi: the toolchain is not built here; run make toolchain in ${root}\n`,
    });
  });
});

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
