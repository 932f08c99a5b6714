import { METRICS_ROLE } from "../../config/values/database-names.ts";
import { MAINTENANCE_DATABASE, scramVerifier } from "./passwords.ts";

/**
 * What the superuser says at each start of a server whose metrics are read: a role that sees the server's statistics,
 * and no table of anybody's. The owner can't make it: since PostgreSQL 16 a role can be granted only by one that administers it.
 * @param key of the stack
 */
export function metricsRoleStatements(key: string): string {
  const verifier = scramVerifier(key, METRICS_ROLE, MAINTENANCE_DATABASE);
  const rights = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5";
  const statements = [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${METRICS_ROLE}') THEN CREATE ROLE ${METRICS_ROLE}; END IF; END $$`,
    `ALTER ROLE ${METRICS_ROLE} LOGIN ${rights} PASSWORD '${verifier}'`,
    `GRANT CONNECT ON DATABASE ${MAINTENANCE_DATABASE} TO ${METRICS_ROLE}`,
    `GRANT pg_monitor TO ${METRICS_ROLE}`,
  ];
  return statements.map((statement) => `${statement};\n`).join("");
}
