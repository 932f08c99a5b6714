import type pg from "pg";
import type { DatabasePlan } from "../builders/postgres/database-plan.ts";
import { MAINTENANCE_DATABASE, ownerPassword } from "../builders/postgres/passwords.ts";
import { OWNER_ROLE } from "../config/values/database-names.ts";
import { applyPlatform, type PlatformChanges } from "./apply.ts";
import { connect, type DatabaseServer, refusal } from "./connection.ts";
import { DatabaseFault } from "./fault.ts";
import { renewPasswords, settlePasswords } from "./role-passwords.ts";
import { lockOut } from "./roles.ts";
import { type LeftOverDatabase, leftOverDatabases, rolesOfOthers } from "./unplanned.ts";

export interface MigrateOptions {
  readonly server: DatabaseServer;
  readonly plan: DatabasePlan;
  /** Folder of the migrations, one folder a platform. */
  readonly folder: string;
  /** `bucketworks:databaseKey`, from which every password is made. */
  readonly key: string;
  /** How long a server that is away is waited for, seconds. */
  readonly wait: number;
  /**
   * The server was made for this plan, and no other plan has roles there: those that it doesn't name are locked out.
   * On any other server they are named and left alone, since they may be another plan's.
   */
  readonly ownServer: boolean;
}

export interface DatabaseChanges {
  readonly name: string;
  readonly made: boolean;
  readonly platforms: readonly PlatformChanges[];
}

export interface MigrateReport {
  readonly databases: readonly DatabaseChanges[];
  /** Roles that have another password now. */
  readonly passwords: readonly string[];
  /** Roles of platforms that have no database any more, locked out now. */
  readonly lockedOut: readonly string[];
  /** Such roles on a server that isn't the plan's alone: they log in as before. */
  readonly leftOverRoles: readonly string[];
  /** Databases that no spec names any more; their rows stay. */
  readonly leftOver: readonly LeftOverDatabase[];
  /** No other plan has databases or roles there. */
  readonly ownServer: boolean;
}

/** The oldest version whose schema public is closed to everybody from the start. */
const OLDEST = 150_000;
/** The first version that has locales of its own. */
const OWN_LOCALES = 170_000;
/** How long another run may take before this one gives up, milliseconds. */
const TURN = 120_000;

/**
 * Brings a server to the plan: databases, roles, migrations, passwords. One run at a time; each platform is one
 * transaction. What is as it shall be is left alone. Passwords come first: a migration that fails locks nobody out.
 * @throws DatabaseFault in one sentence
 */
export async function migrate({ server, plan, folder, key, wait, ownServer }: MigrateOptions): Promise<MigrateReport> {
  const owner = { user: OWNER_ROLE, password: ownerPassword(key) };
  const login = (database: string, seconds = 0): Promise<pg.Client> =>
    connect(server, { ...owner, database }, seconds).catch((error: unknown) => {
      throw refusedOwner(error, database);
    });
  const maintenance = await login(MAINTENANCE_DATABASE, wait);
  try {
    const version = await versionOf(maintenance);
    await takeTurn(maintenance);
    const settler = { maintenance, server, key };
    const others = await rolesOfOthers(maintenance, plan);
    const [lockedOut, leftOverRoles] = ownServer ? [others, []] : [[], others];
    await lockOut(maintenance, lockedOut);
    const passwords = await renewPasswords(settler, plan);
    const databases: DatabaseChanges[] = [];
    for (const { name, platforms } of plan.databases) {
      const made = await ensureDatabase(maintenance, name, version);
      const client = await login(name);
      try {
        const changes: PlatformChanges[] = [];
        for (const platform of platforms) {
          changes.push(await applyPlatform(client, platform, folder, ownServer));
          passwords.push(...(await settlePasswords(settler, platform, name)));
        }
        databases.push({ name, made, platforms: changes });
      } finally {
        await client.end();
      }
    }
    const leftOver = await leftOverDatabases(maintenance, plan);
    return { databases, passwords, lockedOut, leftOverRoles, leftOver, ownServer };
  } finally {
    await maintenance.end();
  }
}

/** For example 180001. */
async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ server_version_num: string }>("SHOW server_version_num");
  const version = Number(rows[0]?.server_version_num);
  if (version >= OLDEST) return version;
  throw new DatabaseFault(
    "findings",
    `PostgreSQL ${Math.floor(version / 10_000)} lets everybody make tables in schema public; version ${OLDEST / 10_000} or newer is needed`,
  );
}

/** A lock of the session: it goes with the connection, however that ends. */
async function takeTurn(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${TURN}`);
  try {
    await client.query("SELECT pg_advisory_lock(hashtext('bucketworks migrate'))");
  } catch (error) {
    if ((error as pg.DatabaseError).code !== "55P03") throw error;
    throw new DatabaseFault(
      "couldNotLook",
      `another migrate still runs on this server after ${TURN / 1000} s; wait for it`,
    );
  }
}

async function ensureDatabase(client: pg.Client, name: string, version: number): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (rowCount !== 0) return false;
  // Texts are ordered the same on every machine, by the server itself where it can.
  const locale =
    version >= OWN_LOCALES ? "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'" : "LOCALE 'C.UTF-8'";
  const made = `CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${OWNER_ROLE}`;
  // Of template1 somebody may have made something.
  await client.query(`${made} TEMPLATE template0 ENCODING 'UTF8' ${locale}`).catch((error: unknown) => {
    throw notMade(error, name);
  });
  return true;
}

/** What the server says of a database that it couldn't make; of a connection that was cut there is no code. */
export function notMade(error: unknown, name: string): DatabaseFault {
  const { code, message } = error as Error & { code?: string };
  const full = code === "53100" || /no space left/i.test(message);
  const reason = full ? "the disk of PostgreSQL has no room for it" : "PostgreSQL doesn't make it";
  const fix = full ? "free some there" : "put that right";
  return new DatabaseFault(
    "couldNotLook",
    `database ${name} was not made: ${reason}: ${message}${code === undefined ? "" : ` (${code})`}; ${fix} and run it again, what was made before stays`,
  );
}

function refusedOwner(error: unknown, database: string): unknown {
  const why = refusal(error);
  if (why === undefined) return error;
  const reason =
    why === "password"
      ? "its password is another one: the server was started with another bucketworks:databaseKey; start it with this one"
      : `${(error as Error).message}; pg_hba.conf of the server must allow it`;
  return new DatabaseFault("couldNotLook", `PostgreSQL refuses ${OWNER_ROLE} in database ${database}: ${reason}`);
}
