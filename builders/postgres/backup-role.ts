import { BACKUP_ROLE } from "../../config/values/database-names.ts";
import { MAINTENANCE_DATABASE, rolePassword } from "./passwords.ts";
import { serverRoleStatements } from "./server-role.ts";

const FUNCTIONS = [
  "pg_backup_start(text, boolean)",
  "pg_backup_stop(boolean)",
  "pg_switch_wal()",
  "pg_create_restore_point(text)",
];

export function backupPassword(key: string): string {
  return rolePassword(key, BACKUP_ROLE, MAINTENANCE_DATABASE);
}

/**
 * What the superuser says at each start of a server that is backed up: a role that begins and ends base backups, and has
 * the current segment of the log archived. It reads no table of anybody's.
 * @param key of the stack
 */
export function backupRoleStatements(key: string): string {
  return serverRoleStatements(BACKUP_ROLE, key, [
    `GRANT pg_read_all_settings, pg_read_all_stats, pg_checkpoint TO ${BACKUP_ROLE}`,
    ...FUNCTIONS.map((each) => `GRANT EXECUTE ON FUNCTION pg_catalog.${each} TO ${BACKUP_ROLE}`),
  ]);
}
