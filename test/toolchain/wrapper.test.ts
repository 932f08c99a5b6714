import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, script } from "./checkout.ts";
import { checkout, given, pulumi, REAL, TRACKED } from "./stand-in-checkout.ts";

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
    [["up", "-fysdev"]],
    [["--color", "never", "import", "a:b/c:D", "a name; $(false) 'b'", "id", "-s", "organization/bucketworks/dev"]],
    [["preview", "-s", "dev", "-m", "", "--", "-s", "own\n"]],
  ])("hands every argument over as it is: %j", (args) => {
    const root = checkout();
    script(join(root, REAL), '#!/bin/sh\nprintf "%s\\0" "$PULUMI_OPTION_CONFIG_FILE" "$@"\n');
    expect(pulumi(root, args).stdout).toBe([settings(root), ...args, ""].join("\0"));
  });

  it("has the program run from its sources for --debug: a bundle tells nothing of each resource", () => {
    const root = checkout();
    script(join(root, REAL), "#!/bin/sh\necho $BUCKETWORKS_SOURCES\n");
    expect(["--debug", "-y"].map((option) => pulumi(root, ["up", "-s", "dev", option]).stdout)).toEqual(["1\n", "\n"]);
  });

  it("finds the stack in PULUMI_STACK, and else takes the selected one", () => {
    const root = checkout();
    expect(given(root, ["up"], { env: { PULUMI_STACK: "dev" } })).toBe(settings(root));
    expect(given(root, ["up"], { env: { PULUMI_STACK: "own", PULUMI_OPTION_STACK: "dev" } })).toBe(settings(root));
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

  it.each([
    ["stack", "history", "--show-secrets", "-s", "dev"],
    ["stack", "change-secrets-provider", "passphrase", "-s", "dev"],
    ["stack", "remove", "-s", "dev"],
    ["stack", "history", "-s", "dev", "-C", "."],
  ])("runs %s %s beside the project, where the salt may be written: %s %s %s %s", (...args) => {
    const root = checkout();
    const [folder, , stack, given] = pulumi(root, args).stdout.trim().split("|");
    const own = join(root, ".bucketworks/stacks/own");
    expect([folder, stack]).toEqual([own, "dev"]);
    // the last of two counts
    expect(given).toBe([...args, ...(args.includes("-C") ? ["-C", "."] : [])].join(" "));
    expect(readFileSync(join(own, "Pulumi.yaml"), "utf8")).toBe("name: bucketworks\nruntime: nodejs\n");
    expect(readFileSync(join(own, "Pulumi.dev.yaml"), "utf8")).toBe("encryptionsalt: v1:salt\n");
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
    expect(stderr).toMatch(
      /^pulumi: saved in this clone only, not in git: \.bucketworks\/stacks\/own\/Pulumi\.dev\.yaml/,
    );
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

  it("merges settings as they are now, whatever their dates and whoever wrote into the merged file", () => {
    const root = checkout();
    const own = join(root, ".bucketworks/stacks/own/Pulumi.dev.yaml");
    mkdirSync(dirname(own));
    writeFileSync(own, "config:\n  bucketworks:x: mine\n");
    const x = () => {
      expect(given(root, ["up", "-s", "dev"])).toBe(settings(root));
      return /bucketworks:x: (.*)/.exec(readFileSync(settings(root), "utf8"))?.[1];
    };
    expect(x()).toBe("mine");
    writeFileSync(own, "config:\n  bucketworks:x: other\n");
    utimesSync(own, new Date(0), new Date(0));
    expect(x()).toBe("other");
    writeFileSync(settings(root), "config:\n  bucketworks:x: by hand\n");
    expect(x()).toBe("other");
    rmSync(own);
    expect(x()).toBe("y");
  });

  it("says which settings file is no YAML, and starts nothing", () => {
    const root = checkout();
    mkdirSync(join(root, ".bucketworks/stacks/own"));
    writeFileSync(join(root, ".bucketworks/stacks/own/Pulumi.dev.yaml"), "a: [\n");
    const { code, stdout, stderr } = pulumi(root, ["up", "-s", "dev"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^pulumi: .*own\/Pulumi\.dev\.yaml:\d+:\d+ can't be read as YAML; .*\n$/);
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
    expect(pulumi(root, ["stack", "new", "-s", "fresh", "-C", "docs"]).stdout).toMatch(
      /stacks\/own\|none\|fresh\|stack new -s fresh -C docs -C \.\n.*stack select fresh/,
    );
    // Pulumi asks for its name
    expect(pulumi(root, ["stack", "init"], { env: { PULUMI_STACK: "dev" } }).stdout).toBe(
      `${root}|none|dev|stack init\n`,
    );
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

  it("becomes the CLI: process, standard input, ignored signals and exit code are those of who started it", () => {
    const root = checkout();
    script(join(root, REAL), '#!/bin/sh\necho "$$"\ncat\nkill -HUP $$\necho ignored\nexit 7\n');
    for (const args of ["version", "preview -s dev", "stack history -s dev"]) {
      const line = `trap '' HUP; echo $$; exec .bucketworks/toolchain/bin/pulumi ${args}`;
      const env = { PATH: process.env.PATH, HOME: root };
      const { status, stdout } = spawnSync("sh", ["-c", line], { cwd: root, env, input: "in\n", encoding: "utf8" });
      const [shell, cli, input] = stdout.split("\n");
      expect([status, cli, input]).toEqual([7, shell, "in"]);
      expect(stdout).toMatch(/ignored\n$/);
    }
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
