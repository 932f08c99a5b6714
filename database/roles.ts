import type pg from "pg";
import type { PlannedPlatform, PlannedRole } from "../builders/postgres/database-plan.ts";
import { sqlText } from "../config/text/sql.ts";
import { DatabaseFault } from "./fault.ts";

export interface RoleChanges {
  readonly made: readonly string[];
  /** Brought back to what a workload's role is. */
  readonly fixed: readonly string[];
  /** No longer in the spec: they can't log in any more; what they were granted stays for a migration to revoke. */
  readonly lockedOut: readonly string[];
  /** As `lockedOut`, on a server that may be others', too: they still log in. */
  readonly leftOver: readonly string[];
}

/** How the comment of a role begins that was made for a platform; its name and a colon follow. */
export const ROLE_MARK = "bucketworks platform ";

interface LiveRole {
  readonly name: string;
  readonly comment: string | null;
  /** Has what the superuser alone can give. */
  readonly is_elevated: boolean;
  /** A login and nothing else. */
  readonly is_plain: boolean;
  readonly may_log_in: boolean;
  readonly may_connect: boolean;
}

/** What the owner may say of a role; the rest is the superuser's to give and to take. */
const PLAIN = "LOGIN NOCREATEDB NOCREATEROLE";

/**
 * Has the roles of a platform in the database of the open transaction: a login that may connect there, and nothing
 * else. Others that this platform once had are locked out, where no other plan can have them.
 * @param ownServer no other plan has roles on the server
 * @throws DatabaseFault for a role that somebody else made
 */
export async function settleRoles(
  client: pg.Client,
  platform: PlannedPlatform,
  ownServer: boolean,
): Promise<RoleChanges> {
  await closeToPublic(client);
  const live = await liveRoles(client, platform);
  const made: string[] = [];
  const fixed: string[] = [];
  for (const role of platform.roles) {
    const found = live.find(({ name }) => name === role.name);
    const name = client.escapeIdentifier(role.name);
    const comment = commentOf(platform, role);
    if (found === undefined) {
      await client.query(`CREATE ROLE ${name} ${PLAIN}`);
      made.push(role.name);
    } else {
      requireOwn(found, platform);
      if (!found.is_plain) {
        await client.query(`ALTER ROLE ${name} ${PLAIN}`);
        fixed.push(role.name);
      }
    }
    if (found?.comment !== comment) await client.query(`COMMENT ON ROLE ${name} IS ${sqlText(comment)}`);
    if (role.makesTables) await letMakeTables(client, role.name);
    if (!found?.may_connect) await client.query(`GRANT CONNECT ON DATABASE ${await databaseName(client)} TO ${name}`);
  }
  const planned = new Set(platform.roles.map(({ name }) => name));
  const gone = live
    .filter((role) => !planned.has(role.name) && isOf(role, platform) && role.may_log_in)
    .map(({ name }) => name);
  if (!ownServer) return { made, fixed, lockedOut: [], leftOver: gone };
  await lockOut(client, gone);
  return { made, fixed, lockedOut: gone, leftOver: [] };
}

/** Nobody logs in as these any more. What they were granted stays, as all rows do. */
export async function lockOut(client: pg.Client, roles: readonly string[]): Promise<void> {
  for (const name of roles) {
    await client.query(`ALTER ROLE ${client.escapeIdentifier(name)} NOLOGIN PASSWORD NULL`);
  }
}

/** Roles of the platform that are on the server, made for it, and the owner's to change; of whichever database. */
export async function ownRoles(client: pg.Client, platform: PlannedPlatform): Promise<string[]> {
  const live = await liveRoles(client, platform);
  const planned = new Set(platform.roles.map(({ name }) => name));
  return live
    .filter((role) => planned.has(role.name) && isOf(role, platform) && !role.is_elevated)
    .map(({ name }) => name);
}

/** In schema public of its own database; what it makes there is its own. */
async function letMakeTables(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ may: boolean }>(
    "SELECT has_schema_privilege($1, 'public', 'CREATE') AND has_schema_privilege($1, 'public', 'USAGE') AS may",
    [role],
  );
  if (rows[0]?.may) return;
  await client.query(`GRANT CREATE, USAGE ON SCHEMA public TO ${client.escapeIdentifier(role)}`);
}

/** A database is open to everybody when it is made: to connect, to keep temporary tables, to look at schema public. */
async function closeToPublic(client: pg.Client): Promise<void> {
  const name = await databaseName(client);
  const open = (kind: "d" | "n", catalog: string, acl: string, owner: string, where: string) =>
    client.query(
      `SELECT FROM ${catalog}, aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) a WHERE ${where} AND a.grantee = 0`,
    );
  const database = await open("d", "pg_database", "datacl", "datdba", "datname = current_database()");
  if (database.rowCount !== 0) await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  // Platforms of one database share the schema: whom a migration has let in already stays, everybody never was.
  const schema = await open("n", "pg_namespace", "nspacl", "nspowner", "nspname = 'public'");
  if (schema.rowCount !== 0) await client.query("REVOKE ALL ON SCHEMA public FROM PUBLIC");
}

async function liveRoles(client: pg.Client, platform: PlannedPlatform): Promise<LiveRole[]> {
  const { rows } = await client.query<LiveRole>(
    `SELECT rolname AS name, shobj_description(oid, 'pg_authid') AS comment, rolsuper OR rolreplication OR rolbypassrls AS is_elevated, rolcanlogin AS may_log_in,
       rolcanlogin AND NOT (rolcreatedb OR rolcreaterole) AS is_plain,
       has_database_privilege(oid, current_database(), 'CONNECT') AS may_connect
     FROM pg_roles WHERE rolname = ANY($1) OR starts_with(shobj_description(oid, 'pg_authid'), $2) ORDER BY rolname`,
    [platform.roles.map(({ name }) => name), mark(platform)],
  );
  return rows;
}

function requireOwn(found: LiveRole, platform: PlannedPlatform): void {
  if (!isOf(found, platform)) {
    throw new DatabaseFault(
      "findings",
      `role ${found.name} of the server exists and wasn't made for this platform; it is left alone: give the role of platform ${platform.name} another key, or drop the one that is there`,
    );
  }
  if (!found.is_elevated) return;
  throw new DatabaseFault(
    "findings",
    `role ${found.name} of the server got what a workload must not have; as the superuser: ALTER ROLE ${found.name} NOSUPERUSER NOREPLICATION NOBYPASSRLS`,
  );
}

function isOf({ comment }: LiveRole, platform: PlannedPlatform): boolean {
  return comment?.startsWith(mark(platform)) ?? false;
}

function mark({ name }: PlannedPlatform): string {
  return `${ROLE_MARK}${name}: `;
}

function commentOf(platform: PlannedPlatform, { description }: PlannedRole): string {
  return `${mark(platform)}${description}`;
}

async function databaseName(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
  return client.escapeIdentifier(rows[0]?.name ?? "");
}
