import { z } from "zod";
import { defaults } from "../defaults.ts";
import { EVENTS } from "../values/notifications.ts";
import { cascadingSettings, days } from "./cascading-settings.ts";
import { replicationRule } from "./replication.ts";

const transition = z
  .strictObject({
    days: days(0).describe("Age in days"),
    tier: z
      .string()
      .describe("Name of a tier of the stack (bucketworks:tiers), or that an operator made on the server"),
  })
  .describe("Move objects to a tier; a stage without the tier reports the rule as not applied");

/** One lifecycle rule beside `retention_days`. */
export const lifecycleRule = z.strictObject({
  id: z
    .string()
    .describe(
      "Name of the rule, unique in its bucket; `retention` and `noncurrent` are taken by retention_days and noncurrent_days",
    ),
  enabled: z
    .boolean()
    .meta({ default: defaults.ruleEnabled })
    .optional()
    .describe("false: the rule is on the server and does nothing"),
  prefix: z.string().optional().describe("Key prefix the rule is limited to; absent is the whole bucket"),
  tags: z.record(z.string(), z.string()).optional().describe("Object tags the rule is limited to; all must match"),
  expire_days: days(1).optional().describe("Current versions expire at this age in days"),
  noncurrent_days: days(1)
    .optional()
    .describe("Noncurrent versions are removed after this many days; versioned buckets only"),
  keep_versions: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "This many newest noncurrent versions stay longer than the rule's noncurrent_days, until the bucket's own",
    ),
  transition: transition.optional(),
});

const objectLock = z
  .strictObject({
    mode: z
      .enum(["governance", "compliance"])
      .describe("governance: privileged users may delete early; compliance: nobody may"),
    days: days(1).describe("Days every new version is locked"),
  })
  .describe("Default retention under object lock; only for a bucket created with it");

/** Whom the bucket tells of what. */
const notification = z.strictObject({
  target: z
    .string()
    .meta({ pattern: "^[A-Za-z0-9_-]+:[a-z]+$", examples: ["lake:webhook", "events:postgresql"] })
    .describe(
      "Whom the server tells: name and kind of one of its targets, as at the end of its ARN (docs/notifications.md)",
    ),
  events: z
    .array(z.enum(EVENTS))
    .min(1)
    .describe("What it is told of: created, removed, accessed, restored, moved, replicated, or S3's own names"),
  prefix: z.string().optional().describe("Key prefix that objects must have; absent is every object"),
  suffix: z.string().optional().describe("How their keys must end, for example .csv; absent is every object"),
});

export const bucket = z.strictObject({
  name: z
    .string()
    .meta({ pattern: "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$" })
    .describe("Name on the server; never changed afterwards"),
  description: z.string().optional().describe("What the bucket holds, for people"),
  tags: z.record(z.string(), z.string()).optional().describe("Bucket tags, at most 50"),
  paths: z
    .record(z.string(), z.string())
    .optional()
    .describe("Named path templates with {placeholder}s, for example date={date}/"),
  ...cascadingSettings,
  lifecycle: z.array(lifecycleRule).optional().describe("Lifecycle rules beside retention_days"),
  object_lock: objectLock.optional(),
  replication: z
    .array(replicationRule)
    .optional()
    .describe("Copy new versions of objects to other servers, by MinIO itself; versioned buckets only"),
  public_read: z
    .array(z.string())
    .optional()
    .describe("Prefixes anyone may read; absent is private, and that is enforced"),
  notifications: z
    .array(notification)
    .optional()
    .describe("Who is told when objects change; absent leaves alone what the server has, an empty list is nobody"),
  adopt: z
    .boolean()
    .meta({ default: defaults.adopt })
    .optional()
    .describe("Take over a bucket that exists already and isn't ours"),
});

export const bucketGroup = z.strictObject({
  description: z.string().optional().describe("What the buckets of the group have in common, for people"),
  ...cascadingSettings,
  buckets: z.array(bucket).describe("The buckets of the group"),
});

export type BucketSpec = z.infer<typeof bucket>;
export type GroupSpec = z.infer<typeof bucketGroup>;
export type NotificationSpec = z.infer<typeof notification>;
export type RuleSpec = z.infer<typeof lifecycleRule>;
