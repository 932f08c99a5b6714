import { join } from "node:path";
import { run } from "../../cli/run.ts";

export const ROOT = join(import.meta.dirname, "../..");

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a bucketworks command in this process, as its own would: in the checkout unless told otherwise, with an
 * environment of nothing but PATH and `env`. One at a time.
 */
export async function bucketworks(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CliResult> {
  const { cwd = ROOT, env = {} } = options;
  const { stdout, stderr } = process;
  const before = { cwd: process.cwd(), env: process.env, out: stdout.write, err: stderr.write };
  const text = { stdout: "", stderr: "" };
  const taking = (stream: keyof typeof text) => (chunk: unknown) => {
    text[stream] += String(chunk);
    return true;
  };
  process.chdir(cwd);
  process.env = { PATH: process.env.PATH, ...env };
  stdout.write = taking("stdout");
  stderr.write = taking("stderr");
  try {
    await run(args);
    return { code: Number(process.exitCode ?? 0), ...text };
  } finally {
    process.exitCode = undefined;
    stdout.write = before.out;
    stderr.write = before.err;
    process.env = before.env;
    process.chdir(before.cwd);
  }
}
