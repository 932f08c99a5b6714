import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a bucketworks command by the node of this process, in the checkout unless told otherwise. */
export function bucketworks(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): CliResult {
  const { cwd = ROOT, env = {} } = options;
  const path = process.env.PATH ?? "";
  const run = spawnSync(process.execPath, [join(ROOT, "cli/main.ts"), ...args], {
    cwd,
    env: { PATH: path, ...env },
    encoding: "utf8",
  });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}
