import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { CommandError, EXIT } from "../ending/exit.ts";
import { isOwnBackend, stateComplaint } from "../local/stack/kept-state.ts";
import { runPulumiProcess } from "./process.ts";

export interface PulumiResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a pulumi command in the checkout at `root`, in the shell's own environment where that names a backend, else in
 * the one of `toolchain/env.sh`.
 * @throws Interrupted after a signal
 */
export async function runPulumi(root: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<PulumiResult> {
  const { code, said } = await runPulumiProcess(root, env, args, ({ stdout, stderr }) =>
    Promise.all([text(stdout as Readable), text(stderr as Readable)]),
  );
  const [stdout, stderr] = said;
  return { code, stdout, stderr };
}

/** As `runPulumi`, for commands that answer on stdout. @throws CommandError with the complaint when one fails */
export async function askPulumi(root: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPulumi(root, env, args);
  if (code === 0) return stdout;
  const named = args.indexOf("--stack");
  const stack = named < 0 ? undefined : args[named + 1];
  const state = stack !== undefined && isOwnBackend(root, env) ? stateComplaint(root, stack) : undefined;
  if (state !== undefined) throw new CommandError(state, EXIT.couldNotLook);
  if (stack !== undefined) refuseUnknownStack(stack, stderr);
  throw new CommandError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${stderr.trim()}`, EXIT.couldNotLook);
}

/** @throws CommandError where a failed command said that there is no such stack */
export function refuseUnknownStack(stack: string, said: string): void {
  if (!said.includes(`no stack named '${stack}' found`)) return;
  const text = `no stack ${JSON.stringify(stack)} in the state's backend; pulumi stack ls lists those there are, pulumi stack init ${stack} makes it`;
  throw new CommandError(text, EXIT.wrongUse);
}
