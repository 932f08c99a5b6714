import type pg from "pg";
import type { DatabasePlan, PlannedPlatform } from "../builders/postgres/database-plan.ts";
import { rolePassword, scramVerifier } from "../builders/postgres/passwords.ts";
import { connect, type DatabaseServer, refusal } from "./connection.ts";
import { DatabaseFault } from "./fault.ts";
import { ownRoles } from "./roles.ts";

export interface PasswordSettler {
  /** The owner's connection to the maintenance database. */
  readonly maintenance: pg.Client;
  readonly server: DatabaseServer;
  /** From which every password is made. */
  readonly key: string;
}

/**
 * Roles that are there learn another password before anything else happens: what workloads log in with is another one
 * already. Whoever can't log in for another reason is left to `settlePasswords`.
 * @returns roles that have another password now
 */
export async function renewPasswords(settler: PasswordSettler, { databases }: DatabasePlan): Promise<string[]> {
  const changed: string[] = [];
  for (const { name, platforms } of databases) {
    for (const platform of platforms) {
      for (const role of await ownRoles(settler.maintenance, platform)) {
        const refused = await logIn(settler, role, name);
        if (refused === undefined || refusal(refused) !== "password") continue;
        await tellVerifier(settler, role, name);
        changed.push(role);
      }
    }
  }
  return changed;
}

/**
 * Each role of a platform logs in with its password; where it can't, the server learns the password's verifier, never
 * the password.
 * @returns roles that have another password now
 * @throws DatabaseFault for a role that can't log in then
 */
export async function settlePasswords(
  settler: PasswordSettler,
  { roles }: PlannedPlatform,
  database: string,
): Promise<string[]> {
  const changed: string[] = [];
  for (const { name } of roles) {
    const first = await logIn(settler, name, database);
    if (first === undefined) continue;
    if (refusal(first) !== "password") throw refusedRole(first, name, database);
    await tellVerifier(settler, name, database);
    const second = await logIn(settler, name, database);
    if (second !== undefined) throw refusedRole(second, name, database);
    changed.push(name);
  }
  return changed;
}

/** @returns why it can't; undefined where it can */
async function logIn({ server, key }: PasswordSettler, role: string, database: string): Promise<unknown> {
  try {
    const client = await connect(server, { user: role, password: rolePassword(key, role, database), database });
    await client.end();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function tellVerifier({ maintenance, key }: PasswordSettler, role: string, database: string): Promise<void> {
  const verifier = maintenance.escapeLiteral(scramVerifier(key, role, database));
  await maintenance.query(`ALTER ROLE ${maintenance.escapeIdentifier(role)} PASSWORD ${verifier}`);
}

function refusedRole(error: unknown, role: string, database: string): unknown {
  if (error instanceof DatabaseFault) return error;
  return new DatabaseFault(
    "findings",
    `PostgreSQL refuses ${role} in its database ${database}: ${(error as Error).message}; pg_hba.conf of the server must allow it there`,
  );
}
