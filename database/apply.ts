import { join } from "node:path";
import type pg from "pg";
import Postgrator from "postgrator";
import type { PlannedPlatform } from "../builders/postgres/database-plan.ts";
import { historyTable } from "../config/values/database-names.ts";
import { DatabaseFault } from "./fault.ts";
import { requireSameHistory } from "./history.ts";
import { type MigrationFile, readMigrations } from "./migration-files.ts";
import { requireOneTransaction } from "./one-transaction.ts";
import { type RoleChanges, settleRoles } from "./roles.ts";

export interface PlatformChanges extends RoleChanges {
  readonly platform: string;
  /** Names of the files that were applied, in their order. */
  readonly applied: readonly string[];
}

/** How long a statement waits for a table that somebody holds, milliseconds: workloads behind it would wait, too. */
const LOCK_PATIENCE = 30_000;

/**
 * Roles and migrations of one platform in the database that `client` is connected to, in one transaction: all of it, or
 * nothing.
 * @param folder holds a folder for each platform
 * @param ownServer no other plan has roles on the server
 * @throws DatabaseFault naming the file and the line, or the role
 */
export async function applyPlatform(
  client: pg.Client,
  platform: PlannedPlatform,
  folder: string,
  ownServer: boolean,
): Promise<PlatformChanges> {
  const place = join(folder, platform.name);
  const all = readMigrations(folder, platform.name);
  await requireOneTransaction(place, all);
  const schemaTable = `bucketworks.${historyTable(platform.name)}`;
  let current: string | undefined;
  const migrations = new Postgrator({
    driver: "pg",
    migrationPattern: `${place.replaceAll(/[*?()[\]{}!+@]/g, "[$&]")}/*.sql`,
    schemaTable,
    newline: "LF",
    // One file may not change how the next one's texts are read: that was judged already.
    execQuery: async (query) => {
      await client.query("SET LOCAL standard_conforming_strings = on");
      return client.query(query);
    },
  });
  migrations.on("migration-started", ({ filename }) => {
    current = filename;
  });
  await client.query("BEGIN");
  try {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_PATIENCE}`);
    const roles = await settleRoles(client, platform, ownServer);
    const files = await migrations.getMigrations();
    const table = schemaTable.split(".").map(client.escapeIdentifier).join(".");
    await requireSameHistory(client, table, place, files);
    const applied = files.length === 0 ? [] : await migrations.migrate();
    await client.query("COMMIT");
    return { platform: platform.name, ...roles, applied: applied.map(fileName) };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw explained(
      error,
      platform.name,
      place,
      all.find(({ file }) => current?.endsWith(file)),
    );
  }
}

function fileName({ filename }: Postgrator.Migration): string {
  return filename.split(/[\\/]/).at(-1) ?? filename;
}

/** Only what the server says of a statement is the migration's fault; a cut connection is told as such. */
function explained(error: unknown, platform: string, place: string, current: MigrationFile | undefined): unknown {
  if (error instanceof DatabaseFault) return error;
  const { code, message, position } = error as Error & Partial<pg.DatabaseError>;
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith("57P")) {
    return new DatabaseFault(
      "couldNotLook",
      `PostgreSQL ended the connection while platform ${platform} was migrated: ${message}; nothing of it was applied, run it again`,
    );
  }
  const none = `${message} (${code}); nothing of platform ${platform} was applied`;
  if (current === undefined) return new DatabaseFault("findings", `platform ${platform}: ${none}`);
  const line = position === undefined ? "" : `:${lineAt(current.sql, Number(position))}`;
  const fix =
    code === "55P03"
      ? "another session has locked the table; run it again when it is free"
      : "correct it and run again";
  return new DatabaseFault("findings", `${place}/${current.file}${line}: ${none}, ${fix}`);
}

function lineAt(sql: string, position: number): number {
  return sql.slice(0, position - 1).split("\n").length;
}
