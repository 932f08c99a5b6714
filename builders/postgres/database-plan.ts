import type { Platform, ResolvedModel } from "../../config/model.ts";

/** A login role as it shall be on the server. */
export interface PlannedRole {
  readonly name: string;
  readonly description: string;
  /** A program that migrates its database itself; nobody else has roles there. Absent: it only uses what migrations made. */
  readonly makesTables?: true | undefined;
}

/** What one platform has in a database: its roles, and its migrations in the folder of its name. */
export interface PlannedPlatform {
  readonly name: string;
  /** Sorted by name. */
  readonly roles: readonly PlannedRole[];
}

export interface PlannedDatabase {
  readonly name: string;
  /** Sorted by name. */
  readonly platforms: readonly PlannedPlatform[];
}

/** Everything a PostgreSQL server shall hold for one stack, as plain JSON; databases sorted by name. */
export interface DatabasePlan {
  readonly schemaVersion: 1;
  readonly databases: readonly PlannedDatabase[];
}

/** Platforms that share a database stand together in it; a platform's MLflow has one of its own. */
export function databasePlan({ platforms }: ResolvedModel): DatabasePlan {
  const all = [...platforms.flatMap(ofPlatform), ...platforms.flatMap(ofMlflow)];
  const names = [...new Set(all.map(({ database }) => database))].sort();
  const databases = names.map((name) => ({
    name,
    platforms: all.flatMap(({ database, planned }) => (database === name ? [planned] : [])),
  }));
  return { schemaVersion: 1, databases };
}

interface InDatabase {
  readonly database: string;
  readonly planned: PlannedPlatform;
}

function ofPlatform({ name, database }: Platform): InDatabase[] {
  if (database === null) return [];
  const roles = database.roles.map(({ name: role, description }) => ({ name: role, description }));
  return [{ database: database.name, planned: { name, roles: roles.sort((a, b) => (a.name < b.name ? -1 : 1)) } }];
}

/** It migrates its database itself, under the name of its instance, which no platform has. */
function ofMlflow({ name, services: { mlflow } }: Platform): InDatabase[] {
  if (mlflow === null) return [];
  const role = {
    name: mlflow.role,
    description: "keeps MLflow's runs and registered models",
    makesTables: true as const,
  };
  return [{ database: mlflow.database, planned: { name: `${name}-mlflow`, roles: [role] } }];
}

/** Every workload role with the one database it may enter. */
export function plannedRoles({ databases }: DatabasePlan): { readonly role: string; readonly database: string }[] {
  return databases.flatMap(({ name, platforms }) =>
    platforms.flatMap(({ roles }) => roles.map((role) => ({ role: role.name, database: name }))),
  );
}
