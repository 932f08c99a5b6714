import { defaults } from "../defaults.ts";
import type { DatabaseBackup } from "../model.ts";
import type { DatabaseBackupSpec } from "../schema/database-backup.ts";
import { secondsIn } from "../values/duration.ts";

/** The spec was judged: its duration is one. */
export function resolveDatabaseBackup(spec: DatabaseBackupSpec | undefined): DatabaseBackup | null {
  if (spec === undefined) return null;
  const { databaseBackup: usual } = defaults;
  const timeout = spec.archive_timeout ?? usual.archiveTimeout;
  return {
    bucket: spec.bucket,
    prefix: spec.prefix ?? usual.prefix,
    serviceAccount: spec.service_account,
    archiveTimeoutSeconds: secondsIn(timeout) ?? 0,
    schedule: spec.schedule ?? usual.schedule,
  };
}
