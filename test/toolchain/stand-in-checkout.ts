import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT, tool } from "../support/toolchain.ts";
import { type Answer, OF_CONFIG, run, script } from "./checkout.ts";

/** Settings of stack `dev`, as git has them. */
export const TRACKED = "# a comment\nconfig:\n  bucketworks:x: y\n";

/** The real CLI's place. */
export const REAL = ".bucketworks/toolchain/lib/pulumi";
// biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not TypeScript
export const STAND_IN = '#!/bin/sh\necho "$PWD|${PULUMI_OPTION_CONFIG_FILE-none}|${PULUMI_STACK-none}|$*"\n';

/** A checkout whose real CLI is a stand-in: it prints its folder, its config file and its arguments. */
export function checkout(name = "check out"): string {
  const root = join(temporaryFolder(), name);
  mkdirSync(join(root, "docs"), { recursive: true });
  mkdirSync(join(root, "other"));
  for (const name of ["toolchain/bin", ".bucketworks/toolchain/bin", ".bucketworks/stacks"])
    mkdirSync(join(root, name), { recursive: true });
  const own = [
    "stack-settings.ts",
    "other-checkout.ts",
    "private-file.ts",
    "fault.ts",
    "node",
    "state",
    "journal",
    "wrapper",
    "loopback.sh",
    "env.sh",
  ].map((each) => `toolchain/${each}`);
  for (const name of [...own, ...OF_CONFIG, "package.json"])
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
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

/** Runs the wrapper. @param options.cwd absent is the checkout */
export function pulumi(root: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Answer {
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    PULUMI_HOME: join(root, ".bucketworks/pulumi-home"),
    ...options.env,
  };
  return run(join(root, ".bucketworks/toolchain/bin/pulumi"), args, { cwd: options.cwd ?? root, env });
}

/** The config file the real CLI was given, or `none`. */
export function given(
  root: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string | undefined {
  return pulumi(root, args, options).stdout.split("|")[1];
}
