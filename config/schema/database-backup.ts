import { z } from "zod";
import { defaults } from "../defaults.ts";

const { databaseBackup: usual } = defaults;

/** Backups of the PostgreSQL server of the stack, to any moment. */
export const databaseBackup = z
  .strictObject({
    bucket: z
      .string()
      .meta({ examples: ["mlops-backups"] })
      .describe("Bucket of this file that keeps base backups and the write-ahead log"),
    prefix: z.string().meta({ default: usual.prefix }).optional().describe("Below it they lie; ends in /"),
    service_account: z
      .string()
      .describe("Service account that lists the bucket, and reads and writes below the prefix; it need not delete"),
    archive_timeout: z
      .string()
      .meta({ default: usual.archiveTimeout })
      .optional()
      .describe(
        "After how long the log is archived though its segment isn't full, like 60s: about what is lost with the server",
      ),
    schedule: z
      .string()
      .meta({ default: usual.schedule })
      .optional()
      .describe(
        "When a scheduled job on Kubernetes makes a base backup, in UTC: minute, hour, day, month, weekday, as cron has them",
      ),
  })
  .describe(
    "Backups of the stack's PostgreSQL server, from which every moment can be restored; in one file of a stack",
  );

export type DatabaseBackupSpec = z.infer<typeof databaseBackup>;
