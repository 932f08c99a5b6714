import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../database/migrate.ts";
import { TestPostgres } from "../support/postgres.ts";
import { ROOT } from "../support/toolchain.ts";
import { DATABASE, PLAN } from "./runs.ts";

describe("a database of before, whose tables had no run", () => {
  const FIRST = ["001.do.schemas.sql", "002.do.binance-btcusdt-spot.sql"];
  const table = "staging.raw_binance_btcusdt_spot";
  let old: TestPostgres;
  let folder: string;

  const migrateTo = (files: readonly string[]) => {
    for (const file of files) {
      cpSync(join(ROOT, "config/migrations/dataops", file), join(folder, "dataops", file));
    }
    return migrate({ server: old.server, plan: PLAN, folder, key: old.key, wait: 0, ownServer: true });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "migrations-"));
    mkdirSync(join(folder, "dataops"));
    old = await TestPostgres.start(PLAN);
    await migrateTo(FIRST);
  });

  afterAll(async () => {
    await old?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("rows that nobody can trace aren't thrown away unseen: the migration says so and changes nothing", async () => {
    const owner = await old.owner(DATABASE);
    await owner.query(`INSERT INTO ${table} (open_time, open, high, low, close, volume) VALUES (now(), 1, 1, 1, 1, 1)`);
    await expect(migrateTo(readdirSync(join(ROOT, "config/migrations/dataops")))).rejects.toThrow(
      /003\.do\.runs-and-promotions\.sql:.*hold rows that belong to no run.*empty them and migrate again/,
    );
    const { rows } = await owner.query(`SELECT count(*)::int FROM ${table}`);
    expect(rows).toEqual([{ count: 1 }]);
    await owner.query(`TRUNCATE ${table}`);
    await owner.end();
  });

  test("empty ones are made anew, and the promoter loses its right to write them", async () => {
    await migrateTo([]);
    const promoter = await old.as("dataops_promoter", DATABASE);
    const { rows } = await promoter.query(
      `SELECT has_table_privilege('production.processed_binance_btcusdt_spot', 'SELECT') AS reads,
         has_any_column_privilege('production.processed_binance_btcusdt_spot', 'INSERT, UPDATE') AS writes`,
    );
    await promoter.end();
    expect(rows).toEqual([{ reads: true, writes: false }]);
  });
});
