import type { RestoredServer } from "./restored-server.ts";

export interface DatabaseContents {
  readonly name: string;
  readonly bytes: number;
  readonly tables: number;
  /** Counted by reading each of them; null where they weren't. */
  readonly rows: number | null;
}

/** @param read every row of every table is read, which PostgreSQL's checksums judge */
export async function contentsOf(server: RestoredServer, read: boolean): Promise<DatabaseContents[]> {
  const databases = await server.ask<{ name: string; bytes: string }>(
    "postgres",
    "SELECT datname AS name, pg_database_size(oid) AS bytes FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1",
  );
  const found: DatabaseContents[] = [];
  for (const { name, bytes } of databases) {
    const tables = await server.ask<{ name: string }>(
      name,
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`,
    );
    let rows = read ? 0 : null;
    for (const table of read ? tables : []) {
      const [answer] = await server.ask<{ count: string }>(name, `SELECT count(*) FROM ${table.name}`);
      rows = (rows ?? 0) + Number(answer?.count ?? 0);
    }
    found.push({ name, bytes: Number(bytes), tables: tables.length, rows });
  }
  return found;
}
