import { BACKUP_ROLE, METRICS_ROLE, OWNER_ROLE, SUPERUSER } from "../../config/values/database-names.ts";
import { type DatabasePlan, plannedRoles } from "./database-plan.ts";
import { MAINTENANCE_DATABASE } from "./passwords.ts";

/** Name of the map in pg_ident.conf that says who of the machine is the superuser. */
const SUPERUSER_MAP = "superuser";

export interface AccessSettings {
  /** Nobody comes in over the network without TLS. */
  readonly tls: boolean;
  /** Names on the machine itself who are the superuser, by the socket alone. */
  readonly superusers: readonly string[];
  /** The role that reads metrics comes in, too. */
  readonly metrics?: boolean;
  /** The role that makes base backups comes in, too. */
  readonly backup?: boolean;
}

/** Who comes in, and where: each role into its own database, the superuser by the socket alone, nobody else. */
export function hostAccess(plan: DatabasePlan, { tls, metrics = false, backup = false }: AccessSettings): string {
  const host = tls ? "hostssl" : "host";
  const databases = [MAINTENANCE_DATABASE, ...plan.databases.map(({ name }) => name)];
  const lines = [
    ["local", "all", SUPERUSER, "", `peer map=${SUPERUSER_MAP}`],
    ["local", "all", "all", "", "reject"],
    ...databases.map((name) => [host, quoted(name), OWNER_ROLE, "all", "scram-sha-256"]),
    ...(metrics ? [[host, quoted(MAINTENANCE_DATABASE), METRICS_ROLE, "all", "scram-sha-256"]] : []),
    ...(backup ? [[host, quoted(MAINTENANCE_DATABASE), BACKUP_ROLE, "all", "scram-sha-256"]] : []),
    ...plannedRoles(plan).map(({ role, database }) => [host, quoted(database), quoted(role), "all", "scram-sha-256"]),
    ["host", "all", "all", "all", "reject"],
  ];
  return `${lines.map((columns) => columns.filter(Boolean).join(" ")).join("\n")}\n`;
}

/** pg_ident.conf. */
export function identMap({ superusers }: AccessSettings): string {
  return superusers.map((name) => `${SUPERUSER_MAP} ${quoted(name)} ${SUPERUSER}\n`).join("");
}

export interface ServerSettings {
  readonly port: number;
  /** Addresses it listens on, as in `listen_addresses`. */
  readonly addresses: string;
  /** Folder of the socket; empty is none. */
  readonly socket: string;
  /** Absolute paths of the certificate, its key and the CA; undefined is no TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Folder of pg_hba.conf and pg_ident.conf. */
  readonly access: string;
  /** Where its write-ahead log goes; absent keeps none. */
  readonly archive?: WalArchive | undefined;
}

export interface WalArchive {
  /** `archive_command`. */
  readonly command: string;
  /** After how many seconds a segment is archived that isn't full: what can be lost. */
  readonly timeoutSeconds: number;
}

/**
 * postgresql.conf: durable, SCRAM alone, UTC, statements kept out of the log.
 * @param more settings beside them, by name
 */
export function serverConfiguration(
  { port, addresses, socket, tls, access, archive }: ServerSettings,
  more: Readonly<Record<string, string>> = {},
): string {
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: addresses,
    port: String(port),
    unix_socket_directories: socket,
    unix_socket_permissions: "0700",
    hba_file: `${access}/pg_hba.conf`,
    ident_file: `${access}/pg_ident.conf`,
    password_encryption: "scram-sha-256",
    ...(tls !== undefined && {
      ssl: "on",
      ssl_cert_file: tls.certificate,
      ssl_key_file: tls.key,
      ssl_min_protocol_version: "TLSv1.2",
    }),
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    ...(archive !== undefined && {
      archive_mode: "on",
      archive_command: archive.command,
      archive_timeout: `${archive.timeoutSeconds}s`,
    }),
    max_connections: "100",
    idle_in_transaction_session_timeout: "10min",
    timezone: "UTC",
    log_timezone: "UTC",
    log_destination: "stderr",
    logging_collector: "off",
    log_statement: "none",
    log_min_error_statement: "panic",
    log_connections: "off",
    log_line_prefix: "%m [%p] %u@%d ",
    ...more,
  };
  return `${Object.entries(settings)
    .map(([key, value]) => `${key} = '${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`)
    .join("\n")}\n`;
}

/**
 * What the superuser says before the server takes connections, at each start: the owner and its password, and nobody
 * else in the databases that every server has. One statement a line, as the single-user mode reads them.
 */
export function bootstrapStatements(verifier: string): string {
  const role = `${OWNER_ROLE} LOGIN NOSUPERUSER CREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${verifier}'`;
  const statements = [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${OWNER_ROLE}') THEN CREATE ROLE ${OWNER_ROLE}; END IF; END $$`,
    `ALTER ROLE ${role}`,
    `REVOKE ALL ON DATABASE ${MAINTENANCE_DATABASE}, template1 FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${MAINTENANCE_DATABASE} TO ${OWNER_ROLE}`,
  ];
  return statements.map((statement) => `${statement};\n`).join("");
}

/** A word of pg_hba.conf that means itself, whatever it is called: `all` is a keyword, `"all"` a name. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
