import type { Alerting } from "../../../config/model.ts";
import { type AlertInWords, durationText } from "../alert.ts";

/** The database server of a platform doesn't answer, or soon takes nobody in any more. */
export function database(
  platform: string,
  { database: { connectionsPercent }, failures: { forSeconds: seconds } }: Alerting,
): AlertInWords[] {
  return [
    {
      name: "DatabaseSilent",
      expression: "absent(pg_up == 1)",
      seconds,
      severity: "critical",
      summary: `The database server of ${platform} doesn't answer, or nothing tells of it.`,
    },
    {
      name: "DatabaseConnectionsNearLimit",
      expression: `100 * sum(pg_stat_database_numbackends) / max(pg_settings_max_connections) > ${connectionsPercent}`,
      seconds,
      severity: "warning",
      summary: `{{ printf "%.0f" $value }}% of the connections of the database server of ${platform} are in use; once all are, it takes nobody in.`,
    },
  ];
}

/** The log of the database server, for the platform that has it backed up. */
export function databaseLog(platform: string, { failures: { forSeconds: seconds } }: Alerting): AlertInWords {
  return {
    // It tries again each minute: one that failed once and then went well is over before this is.
    name: "DatabaseLogNotArchived",
    expression: "increase(pg_stat_archiver_failed_count[5m]) > 0",
    seconds,
    severity: "critical",
    summary: `The log of the database server of ${platform} isn't archived: what is written since is lost with the server, and waits on its disk.`,
  };
}

/** Scheduled jobs that make base backups, by their names: the server's namespace may be another one than the object store's. */
const BASE_BACKUPS = 'cronjob=~".+-base-backup"';

/** Base backups on Kubernetes, by what kube-state-metrics tells of their scheduled job; one that never ran counts from when it was made. */
export function baseBackups(platform: string, { backup: { maxAgeSeconds } }: Alerting): AlertInWords {
  const of = (series: string): string => `kube_cronjob_${series}{${BASE_BACKUPS}}`;
  const last = `max by (cronjob) (${of("status_last_successful_time")} or ${of("created")})`;
  return {
    name: "DatabaseBackupTooOld",
    expression: `time() - ${last} > ${maxAgeSeconds}`,
    seconds: 0,
    severity: "warning",
    summary: `{{ $labels.cronjob }} has made no base backup of the databases of ${platform} for {{ humanizeDuration $value }}, allowed are ${durationText(maxAgeSeconds)}.`,
  };
}
