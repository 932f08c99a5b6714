import { z } from "zod";
import type { LifecycleRule } from "../../provider/bucket-types.ts";
import { kindsOf, misspelt, ofKind } from "../data-kinds.ts";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";
import { coversAll } from "./bucket-lifecycle.ts";

const Limits = z.strictObject({
  /** Days. */
  floor: z.int().positive().optional(),
  /** Days. */
  ceiling: z.int().positive().optional(),
  /** May be kept for ever: no retention declared. */
  forever: z.boolean().optional(),
  /** The floor is due to every object: no rule for a prefix or tag may expire some earlier. */
  whole: z.boolean().optional(),
});

/** Data that is worth keeping, and data that the next run makes again. */
const DEFAULT: Record<string, z.infer<typeof Limits>> = {
  "*": { floor: 30, ceiling: 1095 },
  audit: { floor: 365, ceiling: 3650, whole: true },
  backups: { floor: 30, forever: true, whole: true },
  data_versions: { floor: 365, forever: true },
  experiments: { floor: 90, forever: true },
  models: { floor: 365, forever: true },
  production: { floor: 365, forever: true },
  red_team: { floor: 365, forever: true },
  training_data: { floor: 365, forever: true },
};

export const bucketRetention = bucketRule({
  name: "bucket-retention",
  description:
    "retention is declared and between floor and ceiling of the kind of data; only kinds that may be kept for ever declare none",
  severity: "high",
  topic: "retention",
  framework: cis("3.4"),
  remedy: "set retention_days of the bucket or its group within the limits, or set the right tag data_type",
  note: "no rule for a prefix or a tag may expire a part of audit logs or backups below the floor; in other buckets such rules are for caches and checkpoints",
  needs: ["tags", "declared", "lifecycle"],
  options: {
    limits: z
      .record(z.string(), Limits)
      .default(DEFAULT)
      .meta({ description: "days a kind of data is kept, by tag data_type or layer; * is every other kind" }),
  },
  judge: ({ tags, declared, lifecycle }, { limits }) => {
    const kinds = kindsOf({ tags, declared });
    const slip = misspelt(kinds, Object.keys(limits));
    if (slip !== undefined) return [`holds ${slip.kind}, which has no limits: did you mean ${slip.known}?`];
    const { floor = 1, ceiling, forever = false, whole = false } = ofKind(kinds, limits) ?? {};
    const kind = kinds.length === 0 ? "data without a data_type tag" : kinds.join(" in ");
    const required = `at least ${floor} are required for ${kind}`;
    const early = whole ? lifecycle.flatMap((rule) => earlier(rule, floor)) : [];
    const wrong = early.map((expiry) => `expires ${expiry}, ${required}`);
    const days = declared.retentionDays;
    if (days === undefined) {
      if (forever) return wrong;
      return kinds.length === 0
        ? [...wrong, "declares no retention and has no data_type tag; set one, or retention_days"]
        : [...wrong, `declares no retention, and ${kind} isn't kept for ever`];
    }
    if (days < floor) wrong.push(`keeps its data ${days} days, ${required}`);
    if (ceiling !== undefined && days > ceiling)
      wrong.push(`keeps its data ${days} days, at most ${ceiling} are allowed for ${kind}`);
    return wrong;
  },
});

/** What a rule for a part of the bucket expires before its time; bucket-lifecycle judges those for all of it. */
function earlier(rule: LifecycleRule, floor: number): string[] {
  const { ID, Status, Filter, Expiration = {} } = rule;
  if (Status !== "Enabled" || coversAll(rule)) return [];
  const what = Filter.Prefix === undefined ? `objects of rule ${ID}` : `objects below ${Filter.Prefix}`;
  if (Expiration.Date !== undefined) return [`${what} on ${Expiration.Date}`];
  return Expiration.Days !== undefined && Expiration.Days < floor ? [`${what} after ${Expiration.Days} days`] : [];
}
