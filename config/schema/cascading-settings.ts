import { z } from "zod";
import { defaults } from "../defaults.ts";

/** Days; a hundred years is the most anyone means. */
const days = (least: number) => z.int().min(least).max(36_500);

/** `noncurrent_days` of a bucket whose former versions no rule of its own ends. */
export const FOREVER = "forever";

/** Settings a group cascades to its buckets; a bucket's own value wins. */
export const cascadingSettings = {
  layer: z.string().min(1).max(64).optional().describe("Layer of the platform, for people, tags and policy rules"),
  retention_days: days(1)
    .optional()
    .describe('Maximum age in days: rule "retention" expires current versions after it; absent keeps them for ever'),
  noncurrent_days: z
    .union([days(1), z.literal(FOREVER)])
    .meta({ default: defaults.noncurrentDays })
    .optional()
    .describe(
      "Days a noncurrent version stays; versioned buckets only. Expired delete markers are removed too. forever: no rule of the bucket's own removes either",
    ),
  versioning: z
    .boolean()
    .meta({ default: defaults.versioning })
    .optional()
    .describe("Keep the former versions of an object"),
  encryption: z
    .string()
    .meta({ default: defaults.encryption, pattern: "^(none|sse-s3|sse-kms:.+)$", examples: ["sse-s3"] })
    .optional()
    .describe(
      "Default encryption: none, sse-s3 or sse-kms:<key name>; with a static KMS key only that one name is legal",
    ),
  quota: z
    .union([z.number(), z.string()])
    .meta({ examples: ["500GiB", "10GB", 1073741824] })
    .optional()
    .describe(
      "Bytes above which writes are refused, as of the server's last usage scan, 1 MiB at least: a whole number, or one with KB, MB, GB, TB, PB (1000) or KiB, MiB, GiB, TiB, PiB (1024)",
    ),
  on_delete: z
    .enum(["retain", "delete_if_empty", "purge"])
    .meta({ default: defaults.onDelete })
    .optional()
    .describe(
      "When the bucket leaves the spec: retain forgets it and keeps the data; delete_if_empty removes an empty bucket; purge permits `bucketworks purge` as well, with bucketworks:allowPurge in the stack",
    ),
};

export { days };
