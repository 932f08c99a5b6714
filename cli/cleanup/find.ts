import { backendUrl } from "../../config/stack/backend.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { projectName } from "../../toolchain/state/state-files.ts";
import { checkoutAt } from "../checkout.ts";
import { stackUpdates } from "../history.ts";
import { deploymentOf } from "../key/identity-resources.ts";
import { askPulumi } from "../pulumi/run-pulumi.ts";
import { recover } from "../recover.ts";
import { beginningOf, locksOfTheDead } from "../recovery/recover-stack.ts";
import { BUCKET } from "../recovery/recovery-plan.ts";
import type { Target } from "../target/target.ts";
import { type FailedCreation, failedBuckets, failedCreations } from "./failed.ts";
import type { Kind, Leftover } from "./leftover.ts";
import { releasedBuckets, releases } from "./released.ts";
import { oldUploads } from "./uploads.ts";

export interface Search {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stack: string;
  readonly target: Target;
  readonly kinds: ReadonlySet<Kind>;
  /** Seconds. */
  readonly uploadsOlderThan: number;
  /** Seconds. */
  readonly releasedBefore: number;
  readonly now: Date;
  /** What it means for the command where the server can't be asked. */
  readonly failed: string;
}

/**
 * Looks for everything that is left over; writes nothing. Uploads are looked for in the buckets that the stack's state has.
 * @throws CommandError where the state can't be read, or a run that lives holds the stack; what the server answers
 */
export async function findLeftovers(server: Connection, search: Search): Promise<Leftover[]> {
  const { root, env, stack, target, kinds, uploadsOlderThan, releasedBefore, now } = search;
  const deployment = await deploymentOf(root, env, stack);
  const own = new Set(
    deployment.resources?.flatMap(({ type, id }) => (type === BUCKET && id !== undefined ? [id] : [])),
  );
  const declared = target.model.platforms.flatMap(({ buckets }) => buckets);
  const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
  const { existingOn } = await import("../recovery/existing.ts");
  const existing = await existingOn(target.server, [], { failed: search.failed });
  const found: Leftover[] = [];
  if (kinds.has("uploads")) found.push(...(await oldUploads(server, [...own].sort(), before(uploadsOlderThan))));
  if (kinds.has("failed")) {
    const backend = env.PULUMI_BACKEND_URL || backendUrl(checkoutAt(root).state);
    const locks = await locksOfTheDead({ backend, project: projectName(root), stack });
    const failed = failedCreations(deployment, existing, beginningOf(locks, now.getTime()));
    found.push(...(await failedBuckets(server, failed, settledBy(search))));
  }
  if (kinds.has("released")) {
    const gone = await releases(await stackUpdates(root, env, stack));
    const names = new Set([...own, ...declared.map(({ name }) => name)]);
    found.push(...(await releasedBuckets(server, gone, names, existing.buckets, before(releasedBefore))));
  }
  return found;
}

/** A pending creation whose bucket is gone is what `recover` drops, all at once; what the state has already is taken out of it. */
function settledBy({ root, env, stack }: Search): (creation: FailedCreation) => () => Promise<void> {
  const recovered = async () => {
    await recover(root, stack, env);
  };
  return ({ urn }) => {
    if (urn === undefined) return recovered;
    return async () => {
      await askPulumi(root, env, ["state", "delete", urn, "--yes", "--force", "--stack", stack]);
    };
  };
}
