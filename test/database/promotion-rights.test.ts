import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROMOTE, Runs } from "./runs.ts";

const REFUSED = "42501";

let runs: Runs;

beforeAll(async () => {
  runs = await Runs.start();
});

afterAll(() => runs?.stop());

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
    expect(await runs.answer(role, statement)).toBe(expected);
  });

  test("a run and a verdict are added once, and a verdict has two rounds", async () => {
    const run = await runs.judgedRun(["1"]);
    const again =
      "INSERT INTO staging.verdicts SELECT run_id, $2, NOT passed, 'v', 0, '', '', '', 'v' FROM staging.verdicts WHERE run_id = $1";
    expect(await runs.answer("validator", `${again} AND round = 2`, [run, 2])).toBe("23505");
    expect(await runs.answer("validator", `${again} AND round = 2`, [run, 3])).toBe("23514");
    const renamed =
      "INSERT INTO staging.runs SELECT $1, table_name, dataset, source, code_version FROM staging.runs LIMIT 1";
    expect(await runs.answer("loader", renamed, [run])).toBe("23505");
    expect(await runs.answer("loader", renamed, ["yesterday's"])).toBe("23514");
  });

  test("rows carry their lineage, and a second load of a key makes no duplicate (DO-008, DO-009)", async () => {
    const before = await runs.transformedRun(["1"]);
    const after = await runs.transformedRun(["2"]);
    const { rows } = await (await runs.as("loader")).query(
      "SELECT value::int, run_id, created_at IS NOT NULL AS made, updated_at > created_at AS changed FROM staging.readings WHERE run_id = ANY($1)",
      [[before, after]],
    );
    expect(rows).toEqual([{ value: 2, run_id: after, made: true, changed: true }]);
  });
});
