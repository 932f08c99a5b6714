import type { DatabaseBackup, Platform } from "../../config/model.ts";

/** How the PostgreSQL server of a stack is backed up: one platform says so for all that share it. */
export function declaredBackup(platforms: readonly Platform[]): DatabaseBackup | undefined {
  return platforms.map(({ databaseBackup }) => databaseBackup).find((each) => each !== null) ?? undefined;
}
