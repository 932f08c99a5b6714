import { z } from "zod";
import { cis } from "../frameworks.ts";
import { kindsOf, ofKind } from "../kinds.ts";
import { bucketRule } from "../rule.ts";

const Limits = z.strictObject({
  /** Days. */
  floor: z.int().positive().optional(),
  /** Days. */
  ceiling: z.int().positive().optional(),
  /** May be kept for ever: no retention declared. */
  forever: z.boolean().optional(),
});

/** Data that is worth keeping, and data that the next run makes again. */
const DEFAULT: Record<string, z.infer<typeof Limits>> = {
  "*": { floor: 30, ceiling: 1095 },
  audit: { floor: 365, ceiling: 3650 },
  backups: { floor: 30, forever: true },
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
  needs: ["tags", "declared"],
  options: {
    limits: z
      .record(z.string(), Limits)
      .default(DEFAULT)
      .meta({ description: "days a kind of data is kept, by tag data_type or layer; * is every other kind" }),
  },
  judge: ({ tags, declared }, { limits }) => {
    const kinds = kindsOf({ tags, declared });
    const { floor = 1, ceiling = Number.POSITIVE_INFINITY, forever = false } = ofKind(kinds, limits) ?? {};
    const days = declared.retentionDays;
    if (days === undefined && kinds.length === 0)
      return forever ? [] : ["declares no retention and has no data_type tag; set one, or retention_days"];
    const kind = kinds.length === 0 ? "data without a data_type tag" : kinds.join(" in ");
    if (days === undefined) return forever ? [] : [`declares no retention, and ${kind} isn't kept for ever`];
    if (days < floor) return [`keeps its data ${days} days, at least ${floor} are required for ${kind}`];
    return days > ceiling ? [`keeps its data ${days} days, at most ${ceiling} are allowed for ${kind}`] : [];
  },
});
