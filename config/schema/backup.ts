import { z } from "zod";
import { defaults } from "../defaults.ts";

const source = z
  .strictObject({
    name: z.string().describe("A bucket of this file"),
    prefixes: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Beginnings of the keys that are backed up; absent is the whole bucket"),
  })
  .describe("One bucket to back up");

const drill = z
  .strictObject({
    schedule: z
      .string()
      .meta({ examples: ["47 4 * * 0"] })
      .describe("When a drill is made, in UTC, as schedule of backup has it"),
    sample: z
      .int()
      .min(1)
      .max(999_999_999)
      .meta({ default: defaults.backup.drillSample })
      .optional()
      .describe("Objects of each bucket, chosen at random, that a drill restores and compares"),
    database_role: z
      .string()
      .optional()
      .describe(
        "Role of this file's database by which the scheduled job keeps its results, in schema bucketworks_history; absent is nowhere but in its log",
      ),
  })
  .describe(
    "Drills of the backups: on Kubernetes a scheduled job restores objects to a scratch bucket, compares and removes it; user, policy and service account for it are generated",
  );

/** Backups of a platform's buckets, each version of each object. */
export const backup = z
  .strictObject({
    to: z
      .string()
      .min(1)
      .meta({ examples: ["offsite"] })
      .optional()
      .describe(
        "Another server that backups go to: a name in bucketworks:backupTargets of the stack; absent is the server of the buckets",
      ),
    bucket: z
      .string()
      .describe(
        "Where backups go: a bucket of this file, with to one of the other server; with versioning and an object_lock of mode compliance, of as many days as keep",
      ),
    prefix: z
      .string()
      .meta({ examples: ["type=daily/"] })
      .optional()
      .describe("Below which they lie there; absent is the whole bucket"),
    schedule: z
      .string()
      .meta({ examples: ["17 2 * * *"] })
      .describe("When a backup is made, in UTC: minute, hour, day, month, weekday, as cron has them"),
    keep: z.int().min(1).max(36_500).describe("Days for which every backup can be restored"),
    drill: drill.optional(),
    buckets: z.array(source).min(1).describe("What is backed up"),
  })
  .describe(
    "Backups of buckets: bucketworks backup run makes one, on Kubernetes a scheduled job does; user, policy and service account for it are generated (docs/backup.md)",
  );

export type BackupSpec = z.infer<typeof backup>;
