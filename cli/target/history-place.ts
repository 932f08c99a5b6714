import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../config/document/variables.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";

/** Where the runs of a stage are kept: BUCKETWORKS_HISTORY, else a file of the checkout, in an image of the home folder. */
export function historyPlace(stage: string, env: Env, root = ownRoot()): string {
  const { home } = checkoutAt(root);
  const own = existsSync(home) ? home : join(env.HOME || homedir(), ".bucketworks");
  return env.BUCKETWORKS_HISTORY || join(own, "history", `${stage}.sqlite`);
}
