/** Names of databases and roles on a PostgreSQL server: the only place that makes or judges one. */

/** Owns every database and makes every role; no workload logs in as it. */
export const OWNER_ROLE = "bucketworks_owner";
/** Reads the server's statistics and nothing else, for metrics. */
export const METRICS_ROLE = "bucketworks_metrics";
/** Begins and ends base backups and nothing else; it reads no table. */
export const BACKUP_ROLE = "bucketworks_backup";
/** The superuser, who comes in by the server's own socket alone. */
export const SUPERUSER = "postgres";

/** PostgreSQL cuts longer names off without a word. */
export const LONGEST_NAME = 63;
const DATABASE = /^[a-z][a-z0-9_]*$/;
const ROLE_KEY = /^[a-z][a-z0-9_-]*$/;
const KEPT_DATABASES: readonly string[] = ["postgres", "template0", "template1"];

/** `ml-security` and `model-writer` make `ml_security_model_writer`. */
export function roleName(platform: string, key: string): string {
  return `${platform}_${key}`.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_");
}

/** Where a database remembers the migrations of a platform, in the schema `bucketworks`: `ml.x` and `ml_x` share one. */
export function historyTable(platform: string): string {
  return platform.replaceAll(".", "_");
}

/** What is wrong with the name of a database, to follow it; null for a good one. */
export function databaseNameFault(name: string): string | null {
  if (KEPT_DATABASES.includes(name)) return `is a database every server has: ${KEPT_DATABASES.join(", ")}`;
  if (!DATABASE.test(name)) return "must begin with a lower-case letter and hold lower-case letters, digits and _";
  return lengthFault(name);
}

/** What is wrong with the key of a role, to follow it; null for a good one. */
export function roleKeyFault(platform: string, key: string): string | null {
  if (!ROLE_KEY.test(key)) return "must begin with a lower-case letter and hold lower-case letters, digits, _ and -";
  const name = roleName(platform, key);
  if (name.startsWith("pg_")) return `becomes ${name}, and PostgreSQL keeps names that begin with pg_`;
  if (name === OWNER_ROLE) return `becomes ${name}, which owns the databases`;
  if (name === METRICS_ROLE) return `becomes ${name}, which reads the server's metrics`;
  if (name === BACKUP_ROLE) return `becomes ${name}, which makes the server's backups`;
  const long = lengthFault(name);
  return long === null ? null : `becomes ${name}, which ${long}`;
}

function lengthFault(name: string): string | null {
  return name.length > LONGEST_NAME ? `must have ${LONGEST_NAME} characters at most, has ${name.length}` : null;
}
