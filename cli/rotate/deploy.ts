import { EngineRun } from "../pulumi/engine-run.ts";
import type { StackAt } from "./look.ts";

/** What one update does to keys. */
interface KeyUpdate {
  /** URNs of what is made, changed or deleted. */
  readonly targets: readonly string[];
  /** Whether what reads those keys is brought up to date, too. */
  readonly dependents: boolean;
  /** Service accounts whose former key ends. */
  readonly ended: readonly string[];
}

/**
 * An update of these resources alone. No key is on its command line or in its environment.
 * @returns why it failed; undefined where it didn't
 */
export async function deployKeys(
  { root, env, stack }: StackAt,
  { targets, dependents, ended }: KeyUpdate,
): Promise<string | undefined> {
  const run = new EngineRun(() => undefined);
  const args = ["up", "--yes", "--skip-preview", "--stack", stack];
  const chosen = [...targets.flatMap((urn) => ["--target", urn]), ...(dependents ? ["--target-dependents"] : [])];
  const own = { ...env, BUCKETWORKS_KEYS_ALONE: "1", BUCKETWORKS_ENDED_KEYS: ended.join(",") };
  return (await run.follow(root, own, [...args, ...chosen])) === 0 ? undefined : run.complaints().join("\n");
}
