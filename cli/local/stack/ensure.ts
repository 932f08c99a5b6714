import { existsSync } from "node:fs";
import { join } from "node:path";
import { backendUrl } from "../../../config/stack/backend.ts";
import { initDevStack } from "../../../toolchain/dev-stack.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { attended } from "../../ending/signals.ts";
import { foreign, recover, report } from "../../recover.ts";
import { stackLocks } from "../../recovery/pulumi-lock.ts";
import { readText } from "../private-files.ts";
import { asCommandError, localPlaces } from "./kept-state.ts";
import { PROJECT, STACK } from "./name.ts";

/**
 * Has the stack `dev` in the file backend; no tracked file changes.
 * @returns whether it was made
 * @throws CommandError when the toolchain isn't there, Pulumi refuses, or the stack's state is damaged or lost
 */
export async function ensureStack(checkout: Checkout): Promise<boolean> {
  if (!existsSync(join(checkout.toolchain, "pulumi"))) {
    throw new CommandError(".bucketworks/toolchain/bin/pulumi: not there; run make toolchain", EXIT.couldNotLook);
  }
  return attended((stop) => initDevStack(checkout.root, stop)).catch((error: unknown) => {
    throw asCommandError(error);
  });
}

/**
 * Settles what a killed run left behind, as `bucketworks recover` does. Asks nothing of Pulumi when it left neither a
 * lock nor an operation begun, which is the rule.
 * @returns what was settled, for people; undefined when there was nothing
 * @throws CommandError when a live process holds the stack
 */
export async function recoverKilledRun(checkout: Checkout, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const state = readText(stateFile(checkout)) ?? "";
  const wasCut = state.includes('"pending_operations"') || /"delete": ?true/.test(state);
  if (!wasCut && stackLocks(backendUrl(checkout.state), PROJECT, STACK).length === 0) return undefined;
  const done = await recover(checkout.root, STACK, env);
  return [report(done), foreign(done)].filter((line) => line !== "").join("\n");
}

function stateFile(checkout: Checkout): string {
  return localPlaces(checkout).file;
}
