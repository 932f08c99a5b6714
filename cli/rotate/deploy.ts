import { EngineRun } from "../pulumi/engine-run.ts";
import { isLocalStack, policyArguments } from "../pulumi/policy-pack.ts";
import { asKeysAlone } from "./keys-alone.ts";
import type { StackAt } from "./look.ts";

/** What one update does to keys. */
interface KeyUpdate {
  /** URNs of what is made, changed or deleted. */
  readonly targets: readonly string[];
  /** Whether what reads those keys is brought up to date, too. */
  readonly dependents: boolean;
  /** Service accounts whose former key ends. */
  readonly ended: readonly string[];
  /** By whose policies it is judged. */
  readonly stage: string;
}

/**
 * An update of these resources alone, under the policies of `make deploy`. No key is on its command line or in its environment.
 * @returns why it failed; undefined where it didn't
 */
export async function deployKeys(
  at: StackAt,
  { targets, dependents, ended, stage }: KeyUpdate,
): Promise<string | undefined> {
  const { root, env, stack } = at;
  const run = new EngineRun(() => undefined);
  const judged = isLocalStack(root, env, stack) ? [] : policyArguments(root, stage);
  const args = ["up", "--yes", "--skip-preview", "--stack", stack, ...judged];
  const chosen = [...targets.flatMap((urn) => ["--target", urn]), ...(dependents ? ["--target-dependents"] : [])];
  const code = await asKeysAlone(at, (own) =>
    run.follow(root, { ...own, BUCKETWORKS_ENDED_KEYS: ended.join(",") }, [...args, ...chosen]),
  );
  return code === 0 ? undefined : run.complaints().join("\n");
}
