import { BACKUP_ROLE } from "../../config/values/database-names.ts";
import { MAINTENANCE_DATABASE, rolePassword, scramVerifier } from "./passwords.ts";

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
  const verifier = scramVerifier(key, BACKUP_ROLE, MAINTENANCE_DATABASE);
  const rights = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5";
  const statements = [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${BACKUP_ROLE}') THEN CREATE ROLE ${BACKUP_ROLE}; END IF; END $$`,
    `ALTER ROLE ${BACKUP_ROLE} LOGIN ${rights} PASSWORD '${verifier}'`,
    `GRANT CONNECT ON DATABASE ${MAINTENANCE_DATABASE} TO ${BACKUP_ROLE}`,
    `GRANT pg_read_all_settings, pg_read_all_stats, pg_checkpoint TO ${BACKUP_ROLE}`,
    ...FUNCTIONS.map((each) => `GRANT EXECUTE ON FUNCTION pg_catalog.${each} TO ${BACKUP_ROLE}`),
  ];
  return statements.map((statement) => `${statement};\n`).join("");
}
