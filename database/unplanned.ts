import type pg from "pg";
import type { DatabasePlan } from "../builders/postgres/database-plan.ts";
import { OWNER_ROLE } from "../config/values/database-names.ts";
import { ROLE_MARK } from "./roles.ts";

/** A database that migrations made and that no spec names any more: renamed there, or given up. */
export interface LeftOverDatabase {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Roles that log in and are of platforms without a database in the plan: given up, or of another plan on this server,
 * which nothing on it tells apart. Reads only.
 * @param client the owner's, to whichever database
 * @returns their names, sorted
 */
export async function rolesOfOthers(client: pg.Client, { databases }: DatabasePlan): Promise<string[]> {
  const { rows } = await client.query<{ name: string; comment: string }>(
    `SELECT rolname AS name, shobj_description(oid, 'pg_authid') AS comment FROM pg_roles
     WHERE rolcanlogin AND NOT (rolsuper OR rolreplication OR rolbypassrls)
       AND starts_with(shobj_description(oid, 'pg_authid'), $1) ORDER BY rolname`,
    [ROLE_MARK],
  );
  const planned = databases.flatMap(({ platforms }) => platforms.map(({ name }) => `${ROLE_MARK}${name}: `));
  return rows.filter(({ comment }) => !planned.some((mark) => comment.startsWith(mark))).map(({ name }) => name);
}

/** The owner's databases that the plan doesn't name, sorted. Reads only. */
export async function leftOverDatabases(client: pg.Client, { databases }: DatabasePlan): Promise<LeftOverDatabase[]> {
  const { rows } = await client.query<{ name: string; bytes: string }>(
    `SELECT datname AS name, pg_database_size(oid) AS bytes FROM pg_database
     WHERE datdba = $1::regrole AND NOT datistemplate AND datname <> ALL($2) ORDER BY datname`,
    [OWNER_ROLE, databases.map(({ name }) => name)],
  );
  return rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) }));
}
