import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DATABASE, PROMOTE, Runs } from "./runs.ts";

const HOSTILE = `x"; DROP TABLE production.promotions; --`;

let runs: Runs;

beforeAll(async () => {
  runs = await Runs.start();
});

afterAll(() => runs?.stop());

describe("a run is promoted as it was judged, or not at all (DO-022, DO-024)", () => {
  test.each<[string, (run: string) => Promise<unknown>, RegExp]>([
    ["without verdicts", async () => undefined, /^run \S+ has no verdict of round 1; validate it first$/],
    ["with one verdict", (run) => runs.judge(run, 1), /has no verdict of round 2/],
    [
      "that failed a round",
      async (run) => {
        await runs.judge(run, 1);
        await runs.judge(run, 2, { passed: false });
      },
      /did not pass round 2 of validation; its report is reports\/2$/,
    ],
    [
      "whose raw object is another version than the one that was judged",
      async (run) => {
        await runs.judge(run, 1, { version: "another" });
        await runs.judge(run, 2);
      },
      /round 1 judged another version than the raw object/,
    ],
    [
      "whose transformed object is another version than the one that was judged",
      async (run) => {
        await runs.judge(run, 1);
        await runs.judge(run, 2, { version: `raw${run}` });
      },
      /round 2 judged another version than the transformed object/,
    ],
    [
      "that has a row less since it was judged",
      async (run) => {
        await runs.judge(run, 1);
        await runs.judge(run, 2);
        await runs.answer("loader", "DELETE FROM staging.readings WHERE run_id = $1 AND value = 3", [run]);
      },
      /rows of run \S+ in staging.readings are not those that round 2 judged: 1 rows now, 2 then/,
    ],
    [
      "that has another value since it was judged",
      async (run) => {
        await runs.judge(run, 1);
        await runs.judge(run, 2);
        await runs.answer("loader", "UPDATE staging.readings SET value = 4 WHERE run_id = $1 AND value = 3", [run]);
      },
      /not those that round 2 judged: 2 rows now, 2 then/,
    ],
  ])("a run %s stays out", async (_, prepare, expected) => {
    const run = await runs.transformedRun(["1", "3"]);
    const before = await runs.promoted();
    await prepare(run);
    expect(await runs.promote(run)).toMatch(expected);
    expect(await runs.promoted()).toEqual(before);
    expect(
      (await (await runs.as("consumer")).query("SELECT FROM production.promotions WHERE run_id = $1", [run])).rowCount,
    ).toBe(0);
  });

  test("a run that nobody knows is refused, whatever its name", async () => {
    expect(await runs.promote("'; DROP TABLE production.promotions; --")).toMatch(/^there is no run '''; DROP TABLE/);
  });

  test("its rows and its line of the catalog are there together; a second call changes nothing", async () => {
    await runs.makeTables("weather");
    const run = await runs.judgedRun(["1.50", "2", "NaN"], "weather");
    const promoter = await runs.as("promoter");
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
    expect(await runs.promoted("weather")).toEqual([`1.50 of ${run}`, `2 of ${run}`, `NaN of ${run}`]);
    const { rows } = await promoter.query("SELECT count(*)::int FROM staging.weather WHERE run_id = $1", [run]);
    expect(rows).toEqual([{ count: 3 }]);
  });

  test("a later run replaces rows by their key, and leaves the others", async () => {
    await runs.makeTables("replaced");
    const first = await runs.judgedRun(["1", "2"], "replaced");
    expect(await runs.promote(first)).toBe("ok");
    const second = await runs.judgedRun(["7"], "replaced");
    expect(await runs.promote(second)).toBe("ok");
    expect(await runs.promoted("replaced")).toEqual([`7 of ${second}`, `2 of ${first}`]);
  });

  test("two at once make one promotion: the second waits for the first and finds it", async () => {
    const run = await runs.judgedRun(["5"]);
    const [one, other] = [
      await runs.postgres.as("dataops_promoter", DATABASE),
      await runs.postgres.as("dataops_promoter", DATABASE),
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
    const run = await runs.judgedRun(["6"]);
    const [promoter, loader] = [await runs.postgres.as("dataops_promoter", DATABASE), await runs.as("loader")];
    await promoter.query("BEGIN");
    await promoter.query(PROMOTE, [run]);
    await loader.query("SET lock_timeout = 100");
    expect(await runs.answer("loader", "UPDATE staging.readings SET value = 8 WHERE run_id = $1", [run])).toBe("55P03");
    await loader.query("SET lock_timeout = 0");
    await promoter.query("ROLLBACK");
    await promoter.end();
  });

  test("a hostile name of a table and of its columns is a name and no SQL", async () => {
    await runs.makeTables(HOSTILE);
    const owner = await runs.postgres.owner(DATABASE);
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
    const run = await runs.transformedRun([], HOSTILE);
    const loader = await runs.as("loader");
    const name = loader.escapeIdentifier(HOSTILE);
    await loader.query(`INSERT INTO staging.${name} (place, at, ${name}, run_id) VALUES ('a', now(), 1, $1)`, [run]);
    await runs.judge(run, 1, { name: HOSTILE });
    await runs.judge(run, 2, { name: HOSTILE });
    expect(await runs.promote(run)).toBe("ok");
    const { rows } = await (await runs.as("consumer")).query(`SELECT ${name}::int AS value FROM production.${name}`);
    expect(rows).toEqual([{ value: 1 }]);
  });
});

describe("the digest of a run's rows", () => {
  const digest = async (run: string) => {
    const { rows } = await (await runs.as("validator")).query("SELECT * FROM staging.digest('staging.readings', $1)", [
      run,
    ]);
    return rows[0];
  };

  test("is the same whatever their order, the session's settings and what the workflow adds to a row", async () => {
    const run = await runs.transformedRun(["1", "2.5"]);
    const before = await digest(run);
    await (await runs.as("loader")).query("UPDATE staging.readings SET value = value WHERE run_id = $1 AND value = 1", [
      run,
    ]);
    const validator = await runs.as("validator");
    await validator.query("SET timezone = 'America/Bogota'; SET datestyle = 'German'");
    expect(await digest(run)).toEqual(before);
    await validator.query("RESET timezone; RESET datestyle");
    expect(before.rows).toBe("2");
  });

  test("tells NULL from empty text, a value from its neighbour's, and a row from the same row twice", async () => {
    const owner = await runs.postgres.owner(DATABASE);
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
    expect(await digest(await runs.transformedRun([]))).toEqual({ rows: "0", digest: "0:0" });
  });
});
