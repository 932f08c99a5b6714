import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connectionVariables } from "../../../builders/postgres/connection-variables.ts";
import { type DatabasePlan, plannedRoles } from "../../../builders/postgres/database-plan.ts";
import { MAINTENANCE_DATABASE, rolePassword } from "../../../builders/postgres/passwords.ts";
import { METRICS_ROLE } from "../../../config/values/database-names.ts";
import { migrate } from "../../../database/migrate.ts";
import type { Checkout } from "../../checkout.ts";
import { signal } from "../../ending/processes.ts";
import { leftOverLines, migrationLines, migrationsFolder } from "../../migrate.ts";
import { type Progress, step } from "../../terminal/progress.ts";
import { closeToOthers, makePrivateFolder, readText, writePrivate } from "../private-files.ts";
import { requireDatabaseKey } from "../secrets.ts";
import { HOST } from "../service/local-service.ts";
import { type Started, startService } from "../service/start.ts";
import { archiveOf, type DeclaredBackup, writeArchiveScript } from "./archive.ts";
import { clearStaleLocks } from "./data-folder.ts";
import { preparePostgres, writeSettings } from "./program.ts";
import { postgres } from "./service.ts";

/** As `startDatabases`, as one step that a person sees. @returns the port */
export async function stepDatabases(
  checkout: Checkout,
  plan: DatabasePlan,
  progress: Progress,
  backup?: DeclaredBackup,
): Promise<number> {
  const { ports, notes } = await step(
    progress,
    "starting PostgreSQL",
    () => startDatabases(checkout, plan, process.env, backup),
    (started) => `PostgreSQL ${started.how} on ${HOST}:${started.ports.sql}`,
  );
  for (const note of notes) progress.note(`  ${note}`);
  return ports.sql;
}

/**
 * The checkout's PostgreSQL, with databases, roles and tables as planned. The caller holds the lock.
 * @returns `notes` say what the run changed, and what stays without a spec
 * @throws CommandError as `startService`, and when a migration is refused
 */
async function startDatabases(
  checkout: Checkout,
  plan: DatabasePlan,
  env: NodeJS.ProcessEnv,
  backup: DeclaredBackup | undefined,
): Promise<Started<"sql">> {
  const { folder } = checkout.postgres;
  const key = ensureKey(checkout);
  const archive = backup && archiveOf(checkout, backup);
  const place = (port: number) => ({ folder, port, tls: undefined, archive });
  const started = await startService(postgres(checkout), env, {
    // Whether it archives is settled at a server's start.
    ...(archive !== undefined && { settings: { archive: "on" } }),
    prepare: ({ sql }) => {
      clearStaleLocks(join(folder, "data"), folder);
      preparePostgres(place(sql), plan, key);
      if (backup !== undefined) writeArchiveScript(checkout, backup);
    },
    refresh: ({ sql }, server) => {
      if (backup !== undefined) writeArchiveScript(checkout, backup);
      if (writeSettings(place(sql), plan)) signal(server, "SIGHUP");
    },
  });
  const server = { host: HOST, port: started.ports.sql, ca: undefined };
  const migrations = migrationsFolder(checkout.root);
  const report = await migrate({ server, plan, folder: migrations, key, wait: 0, ownServer: true });
  writeRoleFiles(checkout, plan, started.ports.sql);
  return { ...started, notes: [...started.notes, ...migrationLines(report), ...leftOverLines(report)] };
}

/** What each role needs to log in, as variables in a file of its own that nobody else can read. */
function writeRoleFiles({ postgres }: Checkout, plan: DatabasePlan, port: number): void {
  const key = readText(postgres.key) ?? "";
  makePrivateFolder(postgres.roles);
  const texts = new Map<string, string[]>(
    rolesOf(plan).map(({ role, database }) => {
      const login = { user: role, password: rolePassword(key, role, database), database };
      const variables = connectionVariables({ host: HOST, port, tls: false, ...login });
      return [`${role}.env`, Object.entries(variables).map(([name, value]) => `${name}=${value}\n`)] as const;
    }),
  );
  for (const [name, lines] of texts) {
    const path = join(postgres.roles, name);
    if (readText(path) !== lines.join("").trim()) writePrivate(path, lines.join(""));
  }
  for (const name of readdirSync(postgres.roles)) {
    if (!texts.has(name)) rmSync(join(postgres.roles, name));
  }
}

/** The roles of platforms, and the one that reads the server's metrics. */
function rolesOf(plan: DatabasePlan): readonly { readonly role: string; readonly database: string }[] {
  if (plan.databases.length === 0) return [];
  return [...plannedRoles(plan), { role: METRICS_ROLE, database: MAINTENANCE_DATABASE }];
}

/** A key that is gone is made again: the server takes the new passwords at its next start. A garbled one is refused. */
function ensureKey(checkout: Checkout): string {
  const { postgres } = checkout;
  makePrivateFolder(postgres.folder);
  if (readText(postgres.key) !== undefined) closeToOthers(postgres.key, 0o600);
  else writePrivate(postgres.key, randomBytes(32).toString("base64"));
  requireDatabaseKey(checkout);
  return readText(postgres.key) ?? "";
}
