import type { ResolvedModel } from "../../config/model.ts";

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

/** Platforms that share a database stand together in it. */
export function databasePlan({ platforms }: ResolvedModel): DatabasePlan {
  const names = [...new Set(platforms.flatMap(({ database }) => (database === null ? [] : [database.name])))].sort();
  const databases = names.map((name) => ({
    name,
    platforms: platforms.flatMap((platform) => {
      if (platform.database?.name !== name) return [];
      const roles = platform.database.roles.map(({ name: role, description }) => ({ name: role, description }));
      return [{ name: platform.name, roles: roles.sort((a, b) => (a.name < b.name ? -1 : 1)) }];
    }),
  }));
  return { schemaVersion: 1, databases };
}

/** Every workload role with the one database it may enter. */
export function plannedRoles({ databases }: DatabasePlan): { readonly role: string; readonly database: string }[] {
  return databases.flatMap(({ name, platforms }) =>
    platforms.flatMap(({ roles }) => roles.map((role) => ({ role: role.name, database: name }))),
  );
}
