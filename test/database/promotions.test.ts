import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databasePlan } from "../../builders/postgres/database-plan.ts";
import { migrate } from "../../database/migrate.ts";
import { resolved } from "../support/platforms.ts";
import { TestPostgres } from "../support/postgres.ts";
import { ROOT } from "../support/toolchain.ts";

const DATABASE = "dataops_db";
const plan = databasePlan(resolved("dataops", "dev"));
const HOSTILE = `x"; DROP TABLE production.promotions; --`;
const REFUSED = "42501";

let postgres: TestPostgres;
const clients = new Map<string, pg.Client>();

async function as(role: string): Promise<pg.Client> {
  const client = clients.get(role) ?? (await postgres.as(`dataops_${role}`, DATABASE));
  clients.set(role, client);
  return client;
}

/** What the server answers to one statement of a role: "ok", the code of a refused right, or the words of a refusal. */
async function answer(role: string, statement: string, values: unknown[] = []): Promise<string> {
  return (await as(role)).query(statement, values).then(
    () => "ok",
    (error: pg.DatabaseError) => (error.code === "P0001" ? error.message : (error.code ?? error.message)),
  );
}

/** Tables of a data set, as a migration of the owner makes them. */
async function makeTables(name: string): Promise<void> {
  const owner = await postgres.owner(DATABASE);
  const quoted = owner.escapeIdentifier(name);
  for (const schema of ["staging", "production"]) {
    await owner.query(
      `CREATE TABLE ${schema}.${quoted} (place TEXT, at TIMESTAMPTZ, value NUMERIC, run_id TEXT NOT NULL,
         created_at TIMESTAMPTZ NOT NULL DEFAULT now(), updated_at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (place, at))`,
    );
    await owner.query(
      `CREATE TRIGGER touch BEFORE UPDATE ON ${schema}.${quoted} FOR EACH ROW EXECUTE FUNCTION staging.touch()`,
    );
  }
  await owner.query("INSERT INTO staging.tables VALUES ($1, 'weather', $2, '{place,at}')", [`raw_${name}`, name]);
  await owner.end();
}

let made = 0;

/** A run that was extracted and transformed: its row, its objects and `values` as rows at the hours from one on. */
async function transformedRun(values: readonly string[], name = "readings"): Promise<string> {
  made += 1;
  const run = `20260101000000-${String(made).padStart(6, "0")}`;
  const loader = await as("loader");
  await loader.query(
    "INSERT INTO staging.runs (run_id, table_name, dataset, source, code_version) VALUES ($1, $2, 'weather', 'file:a.csv', 'c0ffee')",
    [run, `raw_${name}`],
  );
  for (const stage of ["raw", "transformed"]) {
    await loader.query(
      "INSERT INTO staging.objects (run_id, stage, bucket, object_key, version_id, rows, sha256) VALUES ($1, $2, $2, $1, $2 || $1, $3, repeat('0', 64))",
      [run, stage, values.length],
    );
  }
  for (const [hour, value] of values.entries()) {
    await loader.query(
      `INSERT INTO staging.${loader.escapeIdentifier(name)} (place, at, value, run_id) VALUES ('a', '2026-01-01Z'::timestamptz + $1 * interval '1 h', $2, $3)
       ON CONFLICT (place, at) DO UPDATE SET value = EXCLUDED.value, run_id = EXCLUDED.run_id`,
      [hour, value, run],
    );
  }
  return run;
}

interface Judgement {
  readonly passed?: boolean;
  readonly version?: string;
  readonly name?: string;
}

async function judge(run: string, round: 1 | 2, { passed = true, version, name = "readings" }: Judgement = {}) {
  const validator = await as("validator");
  await validator.query(
    `INSERT INTO staging.verdicts (run_id, round, passed, object_version_id, rows, rows_digest, report_bucket, report_key, report_version_id)
     SELECT $1, $2::int, $3, $4, rows, digest, 'reports', 'reports/' || $2::int, 'v' FROM staging.digest($5::regclass, $1)`,
    [
      run,
      round,
      passed,
      version ?? `${round === 1 ? "raw" : "transformed"}${run}`,
      `staging.${validator.escapeIdentifier(name)}`,
    ],
  );
}

async function judgedRun(values: readonly string[], name = "readings"): Promise<string> {
  const run = await transformedRun(values, name);
  await judge(run, 1, { name });
  await judge(run, 2, { name });
  return run;
}

const PROMOTE = "SELECT * FROM production.promote($1, 'production', $1, 'v', 'reports/1', 'v1', 'reports/2', 'v2')";
const promote = (run: string) => answer("promoter", PROMOTE, [run]);

async function promoted(name = "readings"): Promise<string[]> {
  const consumer = await as("consumer");
  const { rows } = await consumer.query(
    `SELECT value, run_id FROM production.${consumer.escapeIdentifier(name)} ORDER BY at`,
  );
  return rows.map(({ value, run_id }) => `${value} of ${run_id}`);
}

beforeAll(async () => {
  postgres = await TestPostgres.start(plan);
  const folder = join(ROOT, "config/migrations");
  await migrate({ server: postgres.server, plan, folder, key: postgres.key, wait: 0, ownServer: true });
  await makeTables("readings");
});

afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await postgres?.stop();
});

describe("each role has its part of the workflow and no other (DO-006, DO-022, DO-024, DO-025, DO-026)", () => {
  const raw = "staging.raw_binance_btcusdt_spot";
  const staged = "staging.processed_binance_btcusdt_spot";
  const production = "production.processed_binance_btcusdt_spot";
  const verdict =
    "INSERT INTO staging.verdicts VALUES ('20260101000000-aaaaaa', 1, true, 'v', 0, '0:0', 'b', 'k', 'v')";
  const candle = (table: string) => `INSERT INTO ${table} (run_id) VALUES ('20260101000000-aaaaaa')`;
  const NO_COLUMN = "23502"; // past the rights: a value is missing
  const NO_RUN = "23503";
  test.each([
    ["loader", candle(raw), NO_COLUMN],
    ["loader", candle(staged), NO_COLUMN],
    ["loader", `SELECT * FROM ${raw}`, "ok"],
    ["loader", `DELETE FROM ${staged}`, "ok"],
    ["loader", `TRUNCATE ${raw}`, "ok"],
    ["loader", "SELECT * FROM staging.verdicts", "ok"],
    ["loader", "CREATE TEMPORARY TABLE mine (a int)", "ok"],
    ["loader", verdict, REFUSED],
    ["loader", "UPDATE staging.verdicts SET passed = true", REFUSED],
    ["loader", "UPDATE staging.runs SET source = 'x'", REFUSED],
    ["loader", "UPDATE staging.objects SET version_id = 'x'", REFUSED],
    ["loader", "DELETE FROM staging.objects", REFUSED],
    ["loader", "TRUNCATE staging.runs CASCADE", REFUSED],
    ["loader", "INSERT INTO staging.tables VALUES ('a', 'b', 'c', '{d}')", REFUSED],
    ["loader", `SELECT * FROM ${production}`, REFUSED],
    ["loader", candle(production), REFUSED],
    ["loader", "SELECT * FROM production.promotions", REFUSED],
    ["loader", PROMOTE.replaceAll("$1", "'r'"), REFUSED],
    ["loader", "CREATE TABLE staging.mine (a int)", REFUSED],
    ["loader", `DROP TABLE ${raw}`, REFUSED],
    ["loader", `ALTER TABLE ${raw} DISABLE TRIGGER touch`, REFUSED],
    ["validator", `SELECT * FROM ${raw}`, "ok"],
    ["validator", `SELECT * FROM ${staged}`, "ok"],
    ["validator", verdict, NO_RUN],
    ["validator", "UPDATE staging.verdicts SET passed = true", REFUSED],
    ["validator", "DELETE FROM staging.verdicts", REFUSED],
    ["validator", candle(raw), REFUSED],
    ["validator", `UPDATE ${staged} SET run_id = 'x'`, REFUSED],
    ["validator", `DELETE FROM ${raw}`, REFUSED],
    ["validator", `TRUNCATE ${raw}`, REFUSED],
    ["validator", "INSERT INTO staging.runs VALUES ('a')", REFUSED],
    ["validator", "INSERT INTO staging.objects VALUES ('a')", REFUSED],
    ["validator", `SELECT * FROM ${production}`, REFUSED],
    ["validator", "SELECT production.require_judged('r')", REFUSED],
    ["validator", PROMOTE.replaceAll("$1", "'r'"), REFUSED],
    ["promoter", `SELECT * FROM ${staged}`, "ok"],
    ["promoter", "SELECT * FROM staging.verdicts", "ok"],
    ["promoter", `SELECT * FROM ${production}`, "ok"],
    ["promoter", candle(production), REFUSED],
    ["promoter", `UPDATE ${production} SET run_id = 'x'`, REFUSED],
    ["promoter", `DELETE FROM ${production}`, REFUSED],
    ["promoter", `TRUNCATE ${production}`, REFUSED],
    ["promoter", "INSERT INTO production.promotions VALUES ('a')", REFUSED],
    ["promoter", "DELETE FROM production.promotions", REFUSED],
    ["promoter", candle(staged), REFUSED],
    ["promoter", verdict, REFUSED],
    ["promoter", "INSERT INTO staging.tables VALUES ('a', 'b', 'c', '{d}')", REFUSED],
    ["promoter", "CREATE TABLE production.mine (a int)", REFUSED],
    ["promoter", "CREATE TEMPORARY TABLE mine (a int)", REFUSED],
    ["promoter", "CREATE FUNCTION production.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", REFUSED],
    ["consumer", `SELECT * FROM ${production}`, "ok"],
    ["consumer", "SELECT * FROM production.promotions", "ok"],
    ["consumer", `SELECT * FROM ${staged}`, REFUSED],
    ["consumer", `SELECT * FROM ${raw}`, REFUSED],
    ["consumer", "SELECT * FROM staging.runs", REFUSED],
    ["consumer", "SELECT * FROM staging.verdicts", REFUSED],
    ["consumer", candle(production), REFUSED],
    ["consumer", `UPDATE ${production} SET run_id = 'x'`, REFUSED],
    ["consumer", `DELETE FROM ${production}`, REFUSED],
    ["consumer", PROMOTE.replaceAll("$1", "'r'"), REFUSED],
    ["consumer", "SELECT staging.digest('production.promotions', 'r')", REFUSED],
  ])("%s: %s -> %s", async (role, statement, expected) => {
    expect(await answer(role, statement)).toBe(expected);
  });

  test("a run and a verdict are added once, and a verdict has two rounds", async () => {
    const run = await judgedRun(["1"]);
    const again =
      "INSERT INTO staging.verdicts SELECT run_id, $2, NOT passed, 'v', 0, '', '', '', 'v' FROM staging.verdicts WHERE run_id = $1";
    expect(await answer("validator", `${again} AND round = 2`, [run, 2])).toBe("23505");
    expect(await answer("validator", `${again} AND round = 2`, [run, 3])).toBe("23514");
    const renamed =
      "INSERT INTO staging.runs SELECT $1, table_name, dataset, source, code_version FROM staging.runs LIMIT 1";
    expect(await answer("loader", renamed, [run])).toBe("23505");
    expect(await answer("loader", renamed, ["yesterday's"])).toBe("23514");
  });

  test("rows carry their lineage, and a second load of a key makes no duplicate (DO-008, DO-009)", async () => {
    const before = await transformedRun(["1"]);
    const after = await transformedRun(["2"]);
    const { rows } = await (await as("loader")).query(
      "SELECT value::int, run_id, created_at IS NOT NULL AS made, updated_at > created_at AS changed FROM staging.readings WHERE run_id = ANY($1)",
      [[before, after]],
    );
    expect(rows).toEqual([{ value: 2, run_id: after, made: true, changed: true }]);
  });
});

describe("a run is promoted as it was judged, or not at all (DO-022, DO-024)", () => {
  test.each<[string, (run: string) => Promise<unknown>, RegExp]>([
    ["without verdicts", async () => undefined, /^run \S+ has no verdict of round 1; validate it first$/],
    ["with one verdict", (run) => judge(run, 1), /has no verdict of round 2/],
    [
      "that failed a round",
      async (run) => {
        await judge(run, 1);
        await judge(run, 2, { passed: false });
      },
      /did not pass round 2 of validation; its report is reports\/2$/,
    ],
    [
      "whose raw object is another version than the one that was judged",
      async (run) => {
        await judge(run, 1, { version: "another" });
        await judge(run, 2);
      },
      /round 1 judged another version than the raw object/,
    ],
    [
      "whose transformed object is another version than the one that was judged",
      async (run) => {
        await judge(run, 1);
        await judge(run, 2, { version: `raw${run}` });
      },
      /round 2 judged another version than the transformed object/,
    ],
    [
      "that has a row less since it was judged",
      async (run) => {
        await judge(run, 1);
        await judge(run, 2);
        await answer("loader", "DELETE FROM staging.readings WHERE run_id = $1 AND value = 3", [run]);
      },
      /rows of run \S+ in staging.readings are not those that round 2 judged: 1 rows now, 2 then/,
    ],
    [
      "that has another value since it was judged",
      async (run) => {
        await judge(run, 1);
        await judge(run, 2);
        await answer("loader", "UPDATE staging.readings SET value = 4 WHERE run_id = $1 AND value = 3", [run]);
      },
      /not those that round 2 judged: 2 rows now, 2 then/,
    ],
  ])("a run %s stays out", async (_, prepare, expected) => {
    const run = await transformedRun(["1", "3"]);
    const before = await promoted();
    await prepare(run);
    expect(await promote(run)).toMatch(expected);
    expect(await promoted()).toEqual(before);
    expect(
      (await (await as("consumer")).query("SELECT FROM production.promotions WHERE run_id = $1", [run])).rowCount,
    ).toBe(0);
  });

  test("a run that nobody knows is refused, whatever its name", async () => {
    expect(await promote("'; DROP TABLE production.promotions; --")).toMatch(/^there is no run '''; DROP TABLE/);
  });

  test("its rows and its line of the catalog are there together; a second call changes nothing", async () => {
    await makeTables("weather");
    const run = await judgedRun(["1.50", "2", "NaN"], "weather");
    const promoter = await as("promoter");
    const first = await promoter.query(PROMOTE, [run]);
    const second = await promoter.query(PROMOTE.replace("'v',", "'later',"), [run]);
    expect(second.rows).toEqual(first.rows);
    expect(first.rows).toMatchObject([
      {
        run_id: run,
        source: "file:a.csv",
        code_version: "c0ffee",
        raw_version_id: `raw${run}`,
        object_version_id: "v",
        rows: "3",
      },
    ]);
    expect(await promoted("weather")).toEqual([`1.50 of ${run}`, `2 of ${run}`, `NaN of ${run}`]);
    const { rows } = await promoter.query("SELECT count(*)::int FROM staging.weather WHERE run_id = $1", [run]);
    expect(rows).toEqual([{ count: 3 }]);
  });

  test("a later run replaces rows by their key, and leaves the others", async () => {
    await makeTables("replaced");
    const first = await judgedRun(["1", "2"], "replaced");
    expect(await promote(first)).toBe("ok");
    const second = await judgedRun(["7"], "replaced");
    expect(await promote(second)).toBe("ok");
    expect(await promoted("replaced")).toEqual([`7 of ${second}`, `2 of ${first}`]);
  });

  test("two at once make one promotion: the second waits for the first and finds it", async () => {
    const run = await judgedRun(["5"]);
    const [one, other] = [
      await postgres.as("dataops_promoter", DATABASE),
      await postgres.as("dataops_promoter", DATABASE),
    ];
    await one.query("BEGIN");
    const first = await one.query(PROMOTE, [run]);
    let ended = false;
    const waiting = other.query(PROMOTE, [run]).finally(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).toBe(false);
    await one.query("COMMIT");
    expect((await waiting).rows).toEqual(first.rows);
    await Promise.all([one.end(), other.end()]);
  });

  test("nobody changes a row between its check and its copy", async () => {
    const run = await judgedRun(["6"]);
    const [promoter, loader] = [await postgres.as("dataops_promoter", DATABASE), await as("loader")];
    await promoter.query("BEGIN");
    await promoter.query(PROMOTE, [run]);
    await loader.query("SET lock_timeout = 100");
    expect(await answer("loader", "UPDATE staging.readings SET value = 8 WHERE run_id = $1", [run])).toBe("55P03");
    await loader.query("SET lock_timeout = 0");
    await promoter.query("ROLLBACK");
    await promoter.end();
  });

  test("a hostile name of a table and of its columns is a name and no SQL", async () => {
    await makeTables(HOSTILE);
    const owner = await postgres.owner(DATABASE);
    for (const schema of ["staging", "production"]) {
      await owner.query(
        `ALTER TABLE ${schema}.${owner.escapeIdentifier(HOSTILE)} RENAME COLUMN value TO ${owner.escapeIdentifier(HOSTILE)}`,
      );
    }
    await owner.query("UPDATE staging.tables SET key_columns = $1 WHERE processed_table = $2", [[HOSTILE], HOSTILE]);
    for (const schema of ["staging", "production"]) {
      await owner.query(
        `ALTER TABLE ${schema}.${owner.escapeIdentifier(HOSTILE)} ADD UNIQUE (${owner.escapeIdentifier(HOSTILE)})`,
      );
    }
    await owner.end();
    const run = await transformedRun([], HOSTILE);
    const loader = await as("loader");
    const name = loader.escapeIdentifier(HOSTILE);
    await loader.query(`INSERT INTO staging.${name} (place, at, ${name}, run_id) VALUES ('a', now(), 1, $1)`, [run]);
    await judge(run, 1, { name: HOSTILE });
    await judge(run, 2, { name: HOSTILE });
    expect(await promote(run)).toBe("ok");
    const { rows } = await (await as("consumer")).query(`SELECT ${name}::int AS value FROM production.${name}`);
    expect(rows).toEqual([{ value: 1 }]);
  });
});

describe("the digest of a run's rows", () => {
  const digest = async (run: string) => {
    const { rows } = await (await as("validator")).query("SELECT * FROM staging.digest('staging.readings', $1)", [run]);
    return rows[0];
  };

  test("is the same whatever their order, the session's settings and what the workflow adds to a row", async () => {
    const run = await transformedRun(["1", "2.5"]);
    const before = await digest(run);
    await (await as("loader")).query("UPDATE staging.readings SET value = value WHERE run_id = $1 AND value = 1", [
      run,
    ]);
    const validator = await as("validator");
    await validator.query("SET timezone = 'America/Bogota'; SET datestyle = 'German'");
    expect(await digest(run)).toEqual(before);
    await validator.query("RESET timezone; RESET datestyle");
    expect(before.rows).toBe("2");
  });

  test("tells NULL from empty text, a value from its neighbour's, and a row from the same row twice", async () => {
    const owner = await postgres.owner(DATABASE);
    await owner.query("CREATE TABLE staging.texts (run_id TEXT, x TEXT, y TEXT)");
    await owner.query(
      `INSERT INTO staging.texts VALUES ('1', NULL, ''), ('2', '', NULL), ('3', NULL, NULL), ('4', 'a,', 'b'), ('5', 'a', ',b'),
       ('6', 'a', 'b'), ('7', 'a', 'b'), ('7', 'a', 'b')`,
    );
    const { rows } = await owner.query(
      "SELECT count(DISTINCT digest)::int FROM generate_series(1, 7) AS run, staging.digest('staging.texts', run::text)",
    );
    await owner.end();
    expect(rows).toEqual([{ count: 7 }]);
  });

  test("of no rows is one, too", async () => {
    expect(await digest(await transformedRun([]))).toEqual({ rows: "0", digest: "0:0" });
  });
});

describe("a database of before, whose tables had no run", () => {
  const FIRST = ["001.do.schemas.sql", "002.do.binance-btcusdt-spot.sql"];
  const table = "staging.raw_binance_btcusdt_spot";
  let old: TestPostgres;
  let folder: string;

  const migrateTo = (files: readonly string[]) => {
    for (const file of files) {
      cpSync(join(ROOT, "config/migrations/dataops", file), join(folder, "dataops", file));
    }
    return migrate({ server: old.server, plan, folder, key: old.key, wait: 0, ownServer: true });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "migrations-"));
    mkdirSync(join(folder, "dataops"));
    old = await TestPostgres.start(plan);
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
