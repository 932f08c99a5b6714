import { MAINTENANCE_DATABASE, scramVerifier } from "./passwords.ts";

/**
 * Statements that make a role which logs in to the server itself, and to no database of a platform's, and give it rights.
 * They may be said again. The owner can't say them: since PostgreSQL 16 a role can be granted only by one that administers it.
 * @param key of the stack, which the password is derived from
 * @param rights whole statements
 */
export function serverRoleStatements(role: string, key: string, rights: readonly string[]): string {
  const verifier = scramVerifier(key, role, MAINTENANCE_DATABASE);
  const may = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5";
  const statements = [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role}; END IF; END $$`,
    `ALTER ROLE ${role} LOGIN ${may} PASSWORD '${verifier}'`,
    `GRANT CONNECT ON DATABASE ${MAINTENANCE_DATABASE} TO ${role}`,
    ...rights,
  ];
  return statements.map((statement) => `${statement};\n`).join("");
}
