import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectionVariables } from "../../../builders/postgres/connection-variables.ts";
import { MAINTENANCE_DATABASE, ownerPassword, rolePassword } from "../../../builders/postgres/passwords.ts";
import { type DatabasePlan, plannedRoles } from "../../../builders/postgres/plan.ts";
import { OWNER_ROLE } from "../../../config/values/database-names.ts";
import { connect } from "../../../database/connection.ts";
import { DatabaseFault } from "../../../database/fault.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { endAll, isAlive, markOf, signal } from "../../ending/processes.ts";
import { lastLines } from "../log-file.ts";
import { closeToOthers, makePrivateFolder, readText, writePrivate } from "../private-files.ts";
import { HOST } from "../run-record.ts";
import { requireDatabaseKey } from "../secrets.ts";
import { clearStaleLocks } from "./data-folder.ts";
import { choosePostgresPort, rememberedPostgresPort } from "./port.ts";
import { preparePostgres, writeSettings } from "./program.ts";
import { forgetPostgresRun, livePostgres, readPostgresRun } from "./record.ts";

/** How long a server may take until it takes connections, milliseconds. */
const START_DEADLINE = 60_000;
/** How long the supervisor may take to end the server, milliseconds; above its own grace time. */
const STOP_DEADLINE = 20_000;

export interface StartedPostgres {
  readonly port: number;
  readonly how: "started" | "reused" | "restarted";
}

/**
 * Has the PostgreSQL of this checkout running and ours, with the plan's rules of who comes in. Starting twice is as good
 * as once. The caller holds the lock.
 * @throws CommandError when a port is in use, or the server doesn't come up: then nothing is left running
 */
export async function startPostgresServer(
  checkout: Checkout,
  plan: DatabasePlan,
  env: NodeJS.ProcessEnv,
): Promise<StartedPostgres> {
  const { folder } = checkout.postgres;
  const key = ensureKey(checkout);
  const live = livePostgres(checkout);
  const before = live.length > 0 ? rememberedPostgresPort(checkout) : undefined;
  const port = await choosePostgresPort(checkout, env, before);
  const place = { folder, port, tls: undefined };
  const run = readPostgresRun(checkout);
  const server = run?.server;
  const whole = isAlive(run?.supervisor) && isAlive(server);
  if (port === before && whole && server !== undefined && (await takesOwner(port, key))) {
    if (writeSettings(place, plan)) signal(server, "SIGHUP");
    return { port, how: "reused" };
  }
  await endAll(live, STOP_DEADLINE, "SIGINT");
  forgetPostgresRun(checkout);
  clearStaleLocks(join(folder, "data"), folder);
  try {
    preparePostgres(place, plan, key);
  } catch (error) {
    if (error instanceof DatabaseFault) throw new CommandError(error.message, EXIT[error.kind]);
    throw error;
  }
  await launch(checkout, port, key);
  writePrivate(checkout.postgres.endpoint, `${HOST}:${port}`);
  return { port, how: live.length > 0 ? "restarted" : "started" };
}

/** Ends the server and its supervisor; false when neither ran. The caller holds the lock. */
export async function stopPostgresServer(checkout: Checkout): Promise<boolean> {
  const live = livePostgres(checkout);
  await endAll(live, STOP_DEADLINE, "SIGINT");
  forgetPostgresRun(checkout);
  return live.length > 0;
}

/** What each role needs to log in, as variables in a file of its own that nobody else can read. */
export function writeRoleFiles({ postgres }: Checkout, plan: DatabasePlan, port: number): void {
  const key = readText(postgres.key) ?? "";
  makePrivateFolder(postgres.roles);
  const texts = new Map<string, string[]>(
    plannedRoles(plan).map(({ role, database }) => {
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

/** A key that is gone is made anew: the server takes the new passwords at its next start. A garbled one is refused. */
function ensureKey(checkout: Checkout): string {
  const { postgres } = checkout;
  makePrivateFolder(postgres.folder);
  if (readText(postgres.key) !== undefined) closeToOthers(postgres.key, 0o600);
  else writePrivate(postgres.key, randomBytes(32).toString("base64"));
  requireDatabaseKey(checkout);
  return readText(postgres.key) ?? "";
}

async function takesOwner(port: number, key: string): Promise<boolean> {
  const login = { user: OWNER_ROLE, password: ownerPassword(key), database: MAINTENANCE_DATABASE };
  try {
    const client = await connect({ host: HOST, port, ca: undefined }, login);
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function launch(checkout: Checkout, port: number, key: string): Promise<void> {
  const { log } = checkout.postgres;
  const before = existsSync(log) ? statSync(log).size : 0;
  const program = fileURLToPath(new URL("supervise.ts", import.meta.url));
  const supervisor = spawn(process.execPath, [program, checkout.root], {
    // which tells it from that of a checkout that had this path before
    cwd: checkout.root,
    detached: true,
    stdio: "ignore",
  });
  supervisor.unref();
  const mark = supervisor.pid === undefined ? undefined : markOf(supervisor.pid);
  for (const deadline = Date.now() + START_DEADLINE; ; await sleep(50)) {
    if (readPostgresRun(checkout)?.server !== undefined && (await takesOwner(port, key))) return;
    const deaths = readPostgresRun(checkout)?.deaths ?? 0;
    if (isAlive(mark) && deaths < 2 && Date.now() < deadline) continue;
    await endAll([...(mark ? [mark] : []), ...livePostgres(checkout)], STOP_DEADLINE, "SIGINT");
    forgetPostgresRun(checkout);
    throw new CommandError(
      `the local PostgreSQL did not start; last lines of ${relative(checkout.root, log)}:\n${lastLines(log, before)}`,
      EXIT.couldNotLook,
    );
  }
}
