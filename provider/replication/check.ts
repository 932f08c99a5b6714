import { z } from "zod";
import { type Checked, type Failure, knownInputs } from "../known-inputs.ts";
import type { Properties } from "../property-bags.ts";
import { canonicalRules, type ReplicationInputs, type ReplicationRule } from "./types.ts";

const Rule = z.strictObject({
  ID: z.string().min(1).max(255),
  priority: z.number().int().min(1),
  enabled: z.boolean().default(true),
  endpoint: z.string().regex(/^https?:\/\/[^/?#@]+$/, "must be https://HOST:PORT, without path or user"),
  bucket: z.string().min(3),
  region: z.string().min(1).optional(),
  prefix: z.string().min(1).optional(),
  deleteMarkers: z.boolean().default(false),
  deleteVersions: z.boolean().default(false),
  existingObjects: z.boolean().default(true),
});

const Inputs = z.strictObject({
  bucket: z.string().min(3),
  rules: z.array(Rule).min(1),
  keys: z.record(z.string(), z.strictObject({ accessKey: z.string().min(1), secretKey: z.string().min(1) })),
  onDelete: z.enum(["retain", "delete_if_empty", "purge"]).default("retain"),
  adopt: z.boolean().optional(),
});

/**
 * Judges the inputs without asking the server; answers them in canonical form.
 * @param olds inputs of the last update; empty for a resource that doesn't exist yet
 */
export function checkReplication(news: Properties, olds: Properties): Checked {
  const parsed = knownInputs(Inputs, news);
  if ("failures" in parsed) return { inputs: news.values, failures: parsed.failures };
  const rules = parsed.data.rules && canonicalRules(parsed.data.rules as ReplicationRule[]);
  const inputs = { ...parsed.data, ...(rules && { rules }), ...parsed.unknown };
  return { inputs, failures: moved(inputs as ReplicationInputs, olds.values as Partial<ReplicationInputs>) };
}

/** The server keeps one target a server, and none that a rule uses can be led elsewhere. */
function moved({ bucket, rules }: ReplicationInputs, olds: Partial<ReplicationInputs>): Failure[] {
  if (olds.bucket === undefined) return [];
  if (olds.bucket !== bucket) {
    const reason = `can't be changed from ${olds.bucket} to ${bucket}: each bucket has a resource of its own`;
    return [{ property: "bucket", reason }];
  }
  return (rules ?? []).flatMap((rule, index): Failure[] => {
    const before = olds.rules?.find((each) => each.endpoint === rule.endpoint && isElsewhere(each, rule));
    if (before === undefined) return [];
    const reason = `${bucket} is copied to ${before.bucket} of ${rule.endpoint} and can't be led to ${rule.bucket} in one update: MinIO keeps one target a server; take the rules to it out of the spec, run up, then put them in again`;
    return [{ property: `rules[${index}].bucket`, reason }];
  });
}

function isElsewhere(a: ReplicationRule, b: ReplicationRule): boolean {
  return a.bucket !== b.bucket || (a.region ?? "") !== (b.region ?? "");
}
