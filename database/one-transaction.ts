import { setFlagsFromString } from "node:v8";
import { DatabaseFault } from "./fault.ts";
import type { MigrationFile } from "./migration-files.ts";

/** What PostgreSQL's grammar calls a statement on a transaction, and a part of one is undone or kept by. */
const WITHIN: readonly string[] = ["TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO"];

/**
 * Refuses migrations that would end the one transaction that a run is. PostgreSQL's own parser reads them: quotes, dollar
 * quotes, comments and bodies of functions are what the server takes them for.
 * @param place folder of the files, as messages name it
 * @throws DatabaseFault naming file and line; for SQL that can't be parsed, too: what it does isn't known
 */
export async function requireOneTransaction(place: string, migrations: readonly MigrationFile[]): Promise<void> {
  if (migrations.length === 0) return;
  // Loaded where it is needed: every other command would pay for it. V8's optimizing compiler would take 600 MB and a second
  // for the parser's wasm, more than the Job of migrations may have; its baseline compiler alone takes a tenth of both.
  for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);
  const { hasSqlDetails, parse } = await import("libpg-query");
  for (const { file, sql } of migrations) {
    const fault = await parse(sql).then(
      ({ stmts = [] }) => {
        const ends = stmts.find(({ stmt }) => stmt !== undefined && endsTransaction(stmt));
        if (ends === undefined) return undefined;
        const words = "a migration can't begin or end a transaction, the whole run is one; remove the statement";
        return {
          line: lineAt(
            Buffer.from(sql)
              .subarray(0, ends.stmt_location ?? 0)
              .toString(),
            sql,
          ),
          words,
        };
      },
      (error: unknown) => {
        if (!hasSqlDetails(error)) throw error;
        const at = [...sql].slice(0, error.sqlDetails?.cursorPosition ?? 0).join("");
        return {
          line: lineAt(at, sql),
          words: `${error.message}; nothing of it was applied, correct it and run again`,
        };
      },
    );
    if (fault === undefined) continue;
    throw new DatabaseFault("findings", `${place}/${file}:${fault.line}: ${fault.words}`);
  }
}

function endsTransaction(stmt: object): boolean {
  return "TransactionStmt" in stmt && !WITHIN.includes(String((stmt.TransactionStmt as { kind?: string }).kind));
}

/** The line of the first word after what comes before it. */
function lineAt(before: string, sql: string): number {
  const blank = /^\s*/.exec(sql.slice(before.length))?.[0] ?? "";
  return `${before}${blank}`.split("\n").length;
}
