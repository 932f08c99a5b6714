import { join } from "node:path";
import type { Env } from "../../config/document/variables.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";

/** Where the runs of a stage are kept: BUCKETWORKS_HISTORY, else a file of the checkout. */
export function historyPlace(stage: string, env: Env, root = ownRoot()): string {
  return env.BUCKETWORKS_HISTORY || join(checkoutAt(root).home, "history", `${stage}.sqlite`);
}
