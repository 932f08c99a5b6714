import { bucketInputs } from "../builders/bucket-inputs.ts";
import type { Bucket } from "../config/model.ts";
import { compareSettings, type Difference, type Held } from "./compare-settings.ts";

/** A lifecycle rule that waits for its tier: neither right nor wrong, and on no server yet. */
export interface WaitingRule {
  readonly bucket: string;
  readonly platform: string;
  readonly rule: string;
  readonly tier: string;
}

export interface ComparedBucket {
  readonly differences: readonly Difference[];
  readonly waiting: readonly WaitingRule[];
}

/**
 * A bucket of the model against what it holds on the server. A rule waits where its tier isn't there; where tiers can't
 * be read, where the rule isn't.
 * @param held null where the server has no such bucket
 * @param tiers names of the server's tiers; undefined where they aren't known
 */
export function compareBucket(
  bucket: Bucket,
  stage: string,
  held: Held | null,
  tiers: ReadonlySet<string> | undefined,
): ComparedBucket {
  const { name, platform } = bucket;
  const applied = new Set(held?.settings.lifecycle.map(({ ID }) => ID));
  const waiting = bucket.lifecycle.flatMap(({ id, transition }): WaitingRule[] => {
    if (transition === null || (tiers?.has(transition.tier) ?? applied.has(id))) return [];
    return [{ bucket: name, platform, rule: id, tier: transition.tier }];
  });
  if (held === null) {
    return { differences: [{ setting: "bucket", path: "bucket", expected: "present", actual: "missing" }], waiting };
  }
  const lifecycle = bucket.lifecycle.filter(({ id }) => !waiting.some(({ rule }) => rule === id));
  return { differences: compareSettings(bucketInputs({ ...bucket, lifecycle }, stage), held), waiting };
}
