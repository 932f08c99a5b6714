import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseFault } from "./fault.ts";

/** One step of a platform's database, applied once and never changed again. */
export interface MigrationFile {
  readonly version: number;
  /** `001.do.ingestion-events.sql`. */
  readonly file: string;
  readonly sql: string;
}

const NAME = /^(\d{3,})\.do\.[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;
/** A statement that would end the one transaction that a run is; going back to a savepoint doesn't. */
const ENDS_TRANSACTION =
  /(?<=^|;)\s*(?:(?:COMMIT|ABORT|BEGIN|END|START\s+TRANSACTION|PREPARE\s+TRANSACTION)\b|ROLLBACK\b(?!(?:\s+(?:WORK|TRANSACTION))?\s+TO\b))/i;

/**
 * Reads `<folder>/<platform>/NNN.do.<name>.sql`, in the order of their numbers. A platform without a folder has none.
 * @throws DatabaseFault for another name, a number that stands twice, and SQL that ends its transaction
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
    const sql = readFileSync(join(place, file), "utf8");
    const line = transactionLine(sql);
    if (line !== undefined) {
      throw new DatabaseFault(
        "findings",
        `${place}/${file}:${line}: a migration can't begin or end a transaction, the whole run is one; remove the statement`,
      );
    }
    return { version, file, sql };
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

/** Bodies of functions and comments may say BEGIN and END. */
function transactionLine(sql: string): number | undefined {
  const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");
  const bare = sql
    .replaceAll(/(\$\w*\$)[\s\S]*?\1/g, blank)
    .replaceAll(/'(?:[^']|'')*'/g, blank)
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/--.*/g, blank)
    .replaceAll(/\bBEGIN\s+ATOMIC\b[\s\S]*?;\s*END\b/gi, blank);
  const at = ENDS_TRANSACTION.exec(bare);
  if (at === null) return undefined;
  return bare.slice(0, at.index + at[0].search(/\S/)).split("\n").length;
}
