import { cpSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { initDevStack } from "../../toolchain/dev-stack.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";
import { type Answer, OF_CONFIG, run } from "./checkout.ts";

const SIGNAL = new AbortController().signal;
const root = join(temporaryFolder(), "check out");

/** Runs a line in a shell that has sourced env.sh, as a person would. */
function shell(line: string): Answer {
  return run("sh", ["-c", `. toolchain/env.sh && ${line}`], { cwd: root, env: { PATH: process.env.PATH, HOME: root } });
}

function gitStatus(): string {
  return run("git", ["status", "--porcelain"], { cwd: root, env: process.env }).stdout;
}

/** A git checkout with a small program, this toolchain linked in, and its dev stack. */
beforeAll(async () => {
  mkdirSync(root, { recursive: true });
  for (const name of [...OF_CONFIG, "toolchain", ".bucketworks/toolchain"]) {
    cpSync(join(ROOT, name), join(root, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !file.includes("node_modules"),
    });
  }
  rmSync(join(root, ".bucketworks/toolchain/bin/pulumi"));
  symlinkSync(join(root, "toolchain/bin/pulumi"), join(root, ".bucketworks/toolchain/bin/pulumi"));
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const files = {
    ".gitignore": "node_modules\n.bucketworks/\n",
    "Pulumi.yaml": "name: probe\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.ts\n",
    "Pulumi.dev.yaml": "config:\n  probe:name: x # kept as it is\n",
    "package.json": '{"name":"probe","type":"module","main":"index.ts"}\n',
    "index.ts":
      'import * as pulumi from "@pulumi/pulumi";\nexport const name = pulumi.secret(new pulumi.Config().require("name"));\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "all"],
  ]) {
    run("git", args, { cwd: root, env: process.env });
  }
  expect(await initDevStack(root, SIGNAL)).toBe(true);
});

describe("the dev stack", () => {
  it("is made once, with passphrase and salt that only the owner reads", async () => {
    expect(await initDevStack(root, SIGNAL)).toBe(false);
    for (const name of ["passphrase", "stacks/dev.salt"])
      expect(statSync(join(root, ".bucketworks", name)).mode & 0o777).toBe(0o600);
    expect(gitStatus()).toBe("");
  });

  it("is made once by two first runs at once: the second one waits and finds it", async () => {
    const fresh = join(temporaryFolder(), "fresh");
    for (const name of ["Pulumi.yaml", ".bucketworks/toolchain"])
      cpSync(join(root, name), join(fresh, name), { recursive: true, verbatimSymlinks: true });
    const made = await Promise.all([initDevStack(fresh, SIGNAL), initDevStack(fresh, SIGNAL)]);
    expect(made.sort()).toEqual([false, true]);
  });

  it.each([
    "pulumi preview",
    "pulumi up --yes",
    "pulumi refresh --yes",
    "pulumi refresh --preview-only --run-program",
    "pulumi stack",
    "pulumi stack ls",
    "pulumi stack select dev",
    "pulumi stack output --show-secrets",
    "pulumi stack export --show-secrets --file /dev/null",
    "pulumi stack export --file .bucketworks/export.json && pulumi stack import --file .bucketworks/export.json",
    "pulumi stack history --show-secrets",
    "pulumi stack hist --show-secrets -C .",
    "pulumi stack new other --no-select && pulumi stack remove other --yes",
    "PULUMI_STACK=none PULUMI_OPTION_STACK=dev pulumi preview",
    "pulumi config",
    "pulumi config get probe:name",
    "pulumi about",
    "pulumi plugin ls",
    "pulumi cancel --yes",
    "mc --version",
    "pulumi destroy --yes",
  ])("leaves every tracked file as it is and prints no warning: %s", (line) => {
    const { code, stdout, stderr } = shell(line);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout + stderr).not.toMatch(/warning/i);
    expect(gitStatus()).toBe("");
  });

  it("keeps its salt when the salt file is lost: the state knows it", async () => {
    const file = join(root, ".bucketworks/stacks/dev.salt");
    const salt = readFileSync(file, "utf8");
    rmSync(file);
    expect(await initDevStack(root, SIGNAL)).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(salt);
  });

  it("keeps what `pulumi config set` says, secrets too, out of tracked files and gives it to the program", () => {
    for (const line of [
      "config set name y",
      "config set --secret token t0ken",
      "up --yes",
      "stack rm dev --force --yes",
    ]) {
      expect(shell(`pulumi ${line}`), line).toMatchObject({ code: 0 });
      expect(gitStatus()).toBe("");
      if (line === "up --yes") {
        expect(shell("pulumi stack output name --show-secrets").stdout).toBe("y\n");
        expect(shell("pulumi config get token").stdout).toBe("t0ken\n");
      }
    }
  });
});
