import { existsSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../toolchain/fault.ts";
import { initDevStack } from "../../toolchain/stack.ts";
import { CommandError, EXIT } from "../exit.ts";
import type { Checkout } from "./checkout.ts";

/** True when the local stack exists, with or without resources. */
export function stackExists(checkout: Checkout): boolean {
  return existsSync(join(checkout.state, ".pulumi", "stacks", "bucketworks", "dev.json"));
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
