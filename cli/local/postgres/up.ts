import type { DatabasePlan } from "../../../builders/postgres/plan.ts";
import { migrate } from "../../../database/migrate.ts";
import type { Checkout } from "../../checkout.ts";
import { asCommand, leftOverLines, migrationLines, migrationsFolder } from "../../migrate.ts";
import { readText } from "../private-files.ts";
import { HOST } from "../run-record.ts";
import { type StartedPostgres, startPostgresServer, writeRoleFiles } from "./server.ts";

export interface DatabasesUp extends StartedPostgres {
  /** What the run changed, and what stays without a spec; empty where nothing was to do. */
  readonly lines: readonly string[];
}

/** The checkout's PostgreSQL, with databases, roles and tables as planned. The caller holds the lock. */
export async function startDatabaseServer(
  checkout: Checkout,
  plan: DatabasePlan,
  env: NodeJS.ProcessEnv,
): Promise<DatabasesUp> {
  const started = await startPostgresServer(checkout, plan, env);
  const server = { host: HOST, port: started.port, ca: undefined };
  const key = readText(checkout.postgres.key) ?? "";
  const folder = migrationsFolder(checkout.root);
  const report = await asCommand(() => migrate({ server, plan, folder, key, wait: 0, ownServer: true }));
  writeRoleFiles(checkout, plan, started.port);
  return { ...started, lines: [...migrationLines(report), ...leftOverLines(report)] };
}
