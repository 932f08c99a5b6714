import { Fault } from "../../../toolchain/fault.ts";
import { namesOwnState } from "../../../toolchain/other-checkout.ts";
import { keepState } from "../../../toolchain/state/keep.ts";
import { requireState } from "../../../toolchain/state/require.ts";
import { type StatePlaces, statePlaces } from "../../../toolchain/state/state-files.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { PROJECT, STACK } from "./name.ts";

/** Where the state of the local stack lies, and its copies. */
export function localPlaces({ root }: Checkout): StatePlaces {
  return statePlaces(root, PROJECT, STACK);
}

/**
 * True when the local stack exists, with or without resources.
 * @throws CommandError when its state is damaged, or lost while copies of it are here
 */
export function stackExists(checkout: Checkout): boolean {
  return inWordsOfACommand(() => requireState(localPlaces(checkout))) !== undefined;
}

/**
 * Keeps the state as it is before a run of the engine, where nothing of that run writes.
 * @throws CommandError when it is damaged or lost, or can't be kept: nothing has changed
 */
export function keepLocalState(checkout: Checkout): void {
  inWordsOfACommand(() => keepState(localPlaces(checkout)));
}

/** Whether an environment means the checkout's own backend: it names none, or that one. */
export function isOwnBackend(root: string, env: NodeJS.ProcessEnv): boolean {
  return !env.PULUMI_BACKEND_URL || namesOwnState(root, env);
}

/** What is wrong with the state of a stack in this checkout, with the way back; undefined when nothing is. */
export function stateComplaint(root: string, stack: string): string | undefined {
  try {
    requireState(statePlaces(root, PROJECT, stack));
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

/** @throws CommandError instead of the toolchain's fault */
function inWordsOfACommand<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asCommandError(error);
  }
}

export function asCommandError(error: unknown): unknown {
  return error instanceof Fault ? new CommandError(error.message, EXIT.couldNotLook) : error;
}
