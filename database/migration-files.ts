import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readFileText } from "../config/system-fault.ts";
import { DatabaseFault } from "./fault.ts";

/** One step of a platform's database, applied once and never changed again. */
export interface MigrationFile {
  readonly version: number;
  /** `001.do.ingestion-events.sql`. */
  readonly file: string;
  readonly sql: string;
}

const NAME = /^(\d{3,})\.do\.[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

/**
 * Reads `<folder>/<platform>/NNN.do.<name>.sql`, in the order of their numbers. A platform without a folder has none.
 * @throws DatabaseFault for another name, and a number that stands twice
 */
export function readMigrations(folder: string, platform: string): MigrationFile[] {
  const place = join(folder, platform);
  if (!existsSync(place)) return [];
  const files = readdirSync(place).sort();
  const migrations = files.map((file): MigrationFile => {
    const version = Number(NAME.exec(file)?.[1]);
    if (!(version > 0)) {
      throw new DatabaseFault(
        "findings",
        `${place}/${file}: must be named NNN.do.<name>.sql, for example 001.do.first-table.sql, so that its place in the order is known; rename it`,
      );
    }
    return { version, file, sql: readFileText(join(place, file)) };
  });
  const twice = migrations.find(({ version }, index) => migrations[index - 1]?.version === version);
  if (twice !== undefined) {
    throw new DatabaseFault(
      "findings",
      `${place}/${twice.file}: another migration has number ${twice.version}, too; give the newer one the next free number`,
    );
  }
  return migrations.sort((a, b) => a.version - b.version);
}
