import type { Alerting } from "../../../config/model.ts";
import type { AlertInWords } from "../alert.ts";

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
