import { existsSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../toolchain/fault.ts";
import { initDevStack } from "../../toolchain/stack.ts";
import { CommandError, EXIT } from "../exit.ts";
import { stackLocks } from "../recovery/lock.ts";
import { recoverStack } from "../recovery/recover.ts";
import type { Checkout } from "./checkout.ts";
import { liveBuckets } from "./health.ts";
import { readText } from "./private-files.ts";
import { askPulumi } from "./pulumi.ts";
import { PROJECT, STACK } from "./stack-name.ts";

/** True when the local stack exists, with or without resources. */
export function stackExists(checkout: Checkout): boolean {
  return existsSync(stateFile(checkout));
}

/**
 * Has the stack `dev` in the file backend; no tracked file changes.
 * @returns whether it was made
 * @throws CommandError when the toolchain isn't there, or Pulumi refuses
 */
export async function ensureStack(checkout: Checkout): Promise<boolean> {
  if (!existsSync(join(checkout.toolchain, "pulumi"))) {
    throw new CommandError(".bucketworks/toolchain/bin/pulumi: not there; run make toolchain", EXIT.couldNotLook);
  }
  try {
    return await initDevStack(checkout.root, new AbortController().signal);
  } catch (error) {
    if (error instanceof Fault) throw new CommandError(error.message, EXIT.couldNotLook);
    throw error;
  }
}

/**
 * Settles what a killed run left behind: the lock of a dead process, operations that it had begun. Asks nothing of
 * Pulumi when there is neither, which is the rule.
 * @param port of the local server
 * @returns what was settled, for people
 * @throws CommandError when a live process holds the stack
 */
export async function recoverKilledRun(checkout: Checkout, port: number): Promise<string[]> {
  const backend = `file://${checkout.state}`;
  const isCut = readText(stateFile(checkout))?.includes('"pending_operations"') ?? false;
  if (!isCut && stackLocks(backend, PROJECT, STACK).length === 0) return [];
  const { broken, takenOver, notMade, older, again } = await recoverStack({
    project: PROJECT,
    stack: STACK,
    backend,
    pulumi: (args) => askPulumi(checkout, args),
    existing: () => liveBuckets(checkout, port),
  });
  return [
    ...broken.map(({ pid }) => `broke the lock of process ${pid}, which is dead`),
    ...named("taken over, the killed run had made them", takenOver),
    ...named("made again, the killed run hadn't made them yet", notMade),
    ...named("left alone, older than the killed run", older),
    ...named("written again, the killed run was changing them", again),
  ];
}

function stateFile(checkout: Checkout): string {
  return join(checkout.state, ".pulumi", "stacks", PROJECT, `${STACK}.json`);
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(", ")}`];
}
