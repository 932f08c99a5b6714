import type pg from "pg";
import type Postgrator from "postgrator";
import { DatabaseFault } from "./fault.ts";

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly md5: string;
  readonly day: string;
}

/**
 * Compares what a platform's database remembers with the files that are there.
 * @param table where postgrator keeps the history, quoted
 * @param place folder of the files, as messages name it
 * @throws DatabaseFault where a file that was applied is another one, or gone, or a new one comes before it
 */
export async function requireSameHistory(
  client: pg.Client,
  table: string,
  place: string,
  files: readonly Postgrator.Migration[],
): Promise<void> {
  const { rows: there } = await client.query<{ found: string | null }>("SELECT to_regclass($1) AS found", [table]);
  if (there[0]?.found === null) return;
  const { rows: applied } = await client.query<Applied>(
    `SELECT version::int AS version, name, md5, to_char(run_at, 'YYYY-MM-DD') AS day FROM ${table} WHERE version > 0 ORDER BY version`,
  );
  for (const { version, name, md5, day } of applied) {
    const file = files.find((each) => each.version === version);
    const was = `${place}/${String(version).padStart(3, "0")}.do.${name}.sql`;
    if (file === undefined) {
      throw new DatabaseFault(
        "findings",
        `${was}: was applied on ${day} with checksum ${md5} and is gone; put it back, and undo it in a new migration`,
      );
    }
    if (file.md5 === md5 && file.name === name) continue;
    const renamed = file.name === name ? "" : ` and is ${version}.do.${file.name} now`;
    throw new DatabaseFault(
      "findings",
      `${was}: was applied on ${day} with checksum ${md5}, has ${file.md5} now${renamed}; put it back as it was, and write the change as a new migration`,
    );
  }
  const last = applied.at(-1)?.version ?? 0;
  const late = files.find(({ version }) => version < last && !applied.some((each) => each.version === version));
  if (late === undefined) return;
  const next = String(Math.max(last, ...files.map(({ version }) => version)) + 1).padStart(3, "0");
  throw new DatabaseFault(
    "findings",
    `${place}/${String(late.version).padStart(3, "0")}.do.${late.name}.sql: comes before ${String(last).padStart(3, "0")}, which was applied already; number it ${next}`,
  );
}
