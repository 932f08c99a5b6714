import { isDeepStrictEqual } from "node:util";
import type { Target } from "../server/remote-targets.ts";
import { canonicalRules, type LiveReplication, type LiveTarget, placeText, type ReplicationInputs } from "./types.ts";

/** What brings a bucket's replication to the inputs, in the order in which it is done. */
export interface Plan {
  readonly add: readonly Target[];
  /** Targets that get a key. */
  readonly edit: readonly { readonly arn: string; readonly target: Target }[];
  /** Whether the rules are written. */
  readonly write: boolean;
  /** Targets of this resource that no rule needs any more. */
  readonly remove: readonly LiveTarget[];
}

/** What stands against it: nothing is written then. */
export interface Refusal {
  readonly why: string;
}

/**
 * A target with our own key that leads where ours does is ours: an update that ended early made it. Any other was set by
 * hand, and is taken over by consent alone.
 * @param seen what the stack last knew: `keys` has the targets that are its own
 */
export function planOf(
  inputs: ReplicationInputs,
  live: LiveReplication,
  seen: Pick<ReplicationInputs, "keys"> | undefined,
): Plan | Refusal {
  const { bucket, keys, adopt = false } = inputs;
  const rules = canonicalRules(inputs.rules);
  const known = seen?.keys ?? {};
  const add: Target[] = [];
  const edit: Plan["edit"][number][] = [];
  for (const target of targetsOf(inputs)) {
    const there = live.targets.find(({ endpoint }) => endpoint === target.endpoint);
    if (there === undefined) {
      add.push(target);
      continue;
    }
    if (there.bucket !== target.bucket || there.region !== (target.region ?? "")) {
      return {
        why: `bucket ${bucket} has a target ${placeText(there)} already, not ${placeText(target)}, and MinIO keeps one target a server; remove it with its rules (mc replicate ls and rm), or name that bucket in the spec`,
      };
    }
    const isOurs = Object.hasOwn(known, target.endpoint) || there.accessKey === target.accessKey;
    if (!isOurs && !adopt) {
      return {
        why: `bucket ${bucket} has a target ${placeText(there)} that isn't this stack's, with another key; to take it over set adopt: true in the bucket's spec, or remove it (mc replicate ls and rm)`,
      };
    }
    const isSame = there.accessKey === target.accessKey && known[target.endpoint]?.secretKey === target.secretKey;
    if (!isSame) edit.push({ arn: there.arn, target });
  }
  const write = !isDeepStrictEqual(rules, canonicalRules(live.rules));
  const foreign =
    seen === undefined && !adopt
      ? live.rules.find((rule) => !rules.some((each) => isDeepStrictEqual(each, rule)))
      : undefined;
  if (foreign !== undefined) {
    return {
      why: `bucket ${bucket} has rule ${foreign.ID || foreign.priority} to ${placeText(foreign)} that isn't this stack's; to replace it set adopt: true in the bucket's spec, or remove it (mc replicate ls and rm)`,
    };
  }
  const remove = live.targets.filter(
    ({ endpoint }) => Object.hasOwn(known, endpoint) && !Object.hasOwn(keys, endpoint),
  );
  return { add, edit, write, remove };
}

/** Where the rules lead, once each, with the keys. */
function targetsOf({ rules, keys }: ReplicationInputs): Target[] {
  return Object.entries(keys).flatMap(([endpoint, key]) => {
    const rule = rules.find((each) => each.endpoint === endpoint);
    return rule === undefined
      ? []
      : [{ ...key, endpoint, bucket: rule.bucket, ...(rule.region && { region: rule.region }) }];
  });
}
