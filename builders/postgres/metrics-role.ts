import { METRICS_ROLE } from "../../config/values/database-names.ts";
import { serverRoleStatements } from "./server-role.ts";

/**
 * What the superuser says at each start of a server whose metrics are read: a role that sees the server's statistics,
 * and no table of anybody's.
 * @param key of the stack
 */
export function metricsRoleStatements(key: string): string {
  return serverRoleStatements(METRICS_ROLE, key, [`GRANT pg_monitor TO ${METRICS_ROLE}`]);
}
