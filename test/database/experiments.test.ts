import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolePassword } from "../../builders/postgres/passwords.ts";
import { bucketworks } from "../support/cli.ts";
import { PlatformServers } from "../support/pipelines/platform-servers.ts";
import type { TestPostgres } from "../support/postgres.ts";
import { ROOT } from "../support/toolchain.ts";

const DATABASE = "experiments_db";
const NAME = "newer-masker";
const PYTHON = join(ROOT, ".bucketworks/pipelines/experiments/bin/python");
const scratch = mkdtempSync(join(tmpdir(), "experiments-"));

let servers: PlatformServers;
let postgres: TestPostgres;
let api: pg.Client;

beforeAll(async () => {
  execFileSync("sh", [join(ROOT, "toolchain/pipelines.sh"), "--experiments"], { cwd: ROOT });
  servers = await PlatformServers.start("mlops");
  postgres = servers.postgres;
  api = await postgres.as("mlops_model_api", DATABASE);
}, 120_000);

afterAll(async () => {
  await api?.end();
  await servers?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** Runs `bucketworks experiment` on the test's server, as the role that reads. */
function experiment(args: readonly string[], env: Record<string, string> = {}) {
  const login = {
    PGHOST: "127.0.0.1",
    PGPORT: String(postgres.place.port),
    PGUSER: "mlops_experimenter",
    PGPASSWORD: rolePassword(postgres.key, "mlops_experimenter", DATABASE),
    PGDATABASE: DATABASE,
  };
  return bucketworks(["experiment", ...args], { env: { ...login, ...env } });
}

async function empty(): Promise<void> {
  const client = await postgres.superuser(DATABASE);
  await client.query("TRUNCATE experiments.exposures, experiments.outcomes, experiments.stops");
  await client.end();
}

interface Group {
  readonly variant: string;
  readonly units: number;
  /** Every so many of them copied something. */
  readonly copiedEvery: number;
}

/** Units that were answered within the last 13.5 days, evenly, a minute before they did something: as the model API writes it. */
async function happened(groups: readonly Group[]): Promise<void> {
  await empty();
  for (const { variant, units, copiedEvery } of groups) {
    await api.query(
      `INSERT INTO experiments.exposures (id, experiment, unit, variant, model_version, at)
       SELECT gen_random_uuid(), $1, $2 || n, $2, '1', now() - make_interval(secs => 1166400.0 * n / $3) - interval '1 minute' FROM generate_series(1, $3) n`,
      [NAME, variant, units],
    );
    await api.query(
      `INSERT INTO experiments.outcomes (id, experiment, unit, event, value, at)
       SELECT gen_random_uuid(), $1, $2 || n, 'copied', 1, now() - make_interval(secs => 1166400.0 * n / $3) FROM generate_series(1, $3) n WHERE n % $4 = 0`,
      [NAME, variant, units, copiedEvery],
    );
  }
}

describe("experiment", () => {
  test("plan says how many units are needed, asks no server, and says the same each time", async () => {
    const ask = () => experiment(["plan", NAME, "--format", "json"], { PGPORT: "1" });
    const runs = [await ask(), await ask()];
    const [first, second] = runs.map(({ stdout }) => JSON.parse(stdout).plan);
    expect(first).toEqual(second);
    // A test at one moment alone needs 13,018 (of both), by any table of two proportions; looking fourteen times costs more.
    expect(first.units).toBeGreaterThan(13_018);
    expect(first.units).toBeLessThan(2 * 13_018);
    expect(first).toMatchObject({ days: 14, alpha: 0.05 });
  });

  test("nobody yet: status and analyse say so, and so does the page", async () => {
    await empty();
    expect((await experiment(["status"])).stdout).toContain("nobody yet");
    const page = join(scratch, "nobody.html");
    expect(await experiment(["analyse", NAME, "--out", page])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("nobody has seen a variant"),
    });
    const text = readFileSync(page, "utf8");
    expect(text).toContain("Verdict: still running");
    expect(text).toContain("<p>nobody has seen a variant");
    expect(text).toMatch(/<p>0 of \d+ planned units/);
  });

  test("a variant that is better is found, with an interval that excludes 0, and the page shows it without asking any network", async () => {
    await happened([
      { variant: "current", units: 6000, copiedEvery: 5 },
      { variant: "newer", units: 6000, copiedEvery: 4 },
    ]);
    const page = join(scratch, "page.html");
    const { code, stdout } = await experiment(["analyse", NAME, "--out", page, "--format", "json"]);
    expect(code).toBe(0);
    const { analysis } = JSON.parse(stdout);
    expect(analysis).toMatchObject({ verdict: "better", winner: "newer" });
    expect(analysis.looks).toHaveLength(14);
    const { means, differences } = analysis.looks.at(-1).metrics.metric;
    expect(means).toEqual({ current: 0.2, newer: 0.25 });
    expect(differences.newer.estimate).toBeCloseTo(0.05, 10);
    expect(differences.newer.low).toBeGreaterThan(0);
    const text = readFileSync(page, "utf8");
    expect(text).toContain("Verdict: better");
    expect(text).toContain("<svg");
    expect(text.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:|<script/);
  });

  test("a split that isn't the declared one has no verdict and no numbers, whatever the difference", async () => {
    await happened([
      { variant: "current", units: 6000, copiedEvery: 5 },
      { variant: "newer", units: 5400, copiedEvery: 3 },
    ]);
    const { code, stdout } = await experiment(["analyse", NAME]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("NO VERDICT")]);
    expect(stdout).toContain("current 6000 (of 50 in 100), newer 5400 (of 50 in 100)");
    expect(stdout).not.toContain("INTERVAL");
    expect((await experiment(["status"])).stdout).toContain("NOT as declared");
  });

  test("what a unit did before it was answered, and units that saw two variants, count nowhere", async () => {
    await happened([
      { variant: "current", units: 1000, copiedEvery: 5 },
      { variant: "newer", units: 1000, copiedEvery: 5 },
    ]);
    const early = "gen_random_uuid(), $1, 'current1', 'copied', 1, now() - interval '30 days'";
    await api.query(`INSERT INTO experiments.outcomes (id, experiment, unit, event, value, at) SELECT ${early}`, [
      NAME,
    ]);
    const other = "gen_random_uuid(), $1, 'current5', 'newer', '1', now()";
    await api.query(
      `INSERT INTO experiments.exposures (id, experiment, unit, variant, model_version, at) SELECT ${other}`,
      [NAME],
    );
    const { analysis } = JSON.parse((await experiment(["analyse", NAME, "--format", "json"])).stdout);
    expect(analysis.verdict).toBe("running");
    expect(analysis.looks.at(-1)).toMatchObject({ units: { current: 999, newer: 1000 }, inTwo: 1 });
    expect(analysis.looks.at(-1).metrics.metric.means.current).toBeCloseTo(199 / 999, 10);
  });

  test("stop ends it once, with who and why, and what comes later isn't analysed", async () => {
    await happened([
      { variant: "current", units: 100, copiedEvery: 5 },
      { variant: "newer", units: 100, copiedEvery: 5 },
    ]);
    const first = await experiment(["stop", NAME, "--reason", "a complaint", "--format", "json"]);
    expect(JSON.parse(first.stdout)).toMatchObject({ isNew: true, stopped: { reason: "a complaint" } });
    expect((await experiment(["stop", NAME, "--reason", "again"])).stdout).toContain("already: a complaint");
    await api.query(
      "INSERT INTO experiments.exposures (id, experiment, unit, variant, model_version, at) VALUES (gen_random_uuid(), $1, 'late', 'newer', '1', now() + interval '1 second')",
      [NAME],
    );
    const { analysis, stopped } = JSON.parse((await experiment(["analyse", NAME, "--format", "json"])).stdout);
    expect([analysis.looks.at(-1).units, stopped.reason]).toEqual([{ current: 100, newer: 100 }, "a complaint"]);
  });

  test("report leaves page and JSON of each experiment where it is told, by a key and a role that can do nothing else", async () => {
    await happened([
      { variant: "current", units: 6000, copiedEvery: 5 },
      { variant: "newer", units: 5400, copiedEvery: 3 },
    ]);
    const key = await servers.key("experiment-report");
    const login = {
      PGUSER: "mlops_experiment_report",
      PGPASSWORD: rolePassword(postgres.key, "mlops_experiment_report", DATABASE),
    };
    const place = ["--server", `http://${key.MINIO_ENDPOINT}`, "--platform", "mlops"];
    const store = ["--store", "mlops-reports/ab_tests/experiment={experiment}/date={date}/"];
    const ended = await experiment(["report", ...place, ...store], { ...key, ...login });
    // A split that isn't the declared one is what the report says, and no failure of who made it.
    expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("NO VERDICT") });
    const kept = await servers.keys(`mlops-reports/ab_tests/experiment=${NAME}/`);
    const begin = /^mlops-reports\/ab_tests\/experiment=newer-masker\/date=\d{8}\/analysis-\d{14}/;
    expect(kept.map((each) => each.replace(begin, ""))).toEqual([".html", ".json"]);
    const [page = "", json = ""] = await Promise.all(kept.map((each) => servers.content(each)));
    expect(page).toContain("Verdict: NO VERDICT");
    expect(JSON.parse(json)).toMatchObject({ experiment: NAME, analysis: { verdict: "mismatch" }, stopped: null });
    const stops = await experiment(["stop", NAME, "--reason", "x"], login);
    expect([stops.code, stops.stderr]).toEqual([3, expect.stringContaining("permission denied for table stops")]);
    const elsewhere = ["--store", "mlops-reports/comparisons/{experiment}/"];
    const refused = await experiment(["report", ...place, ...elsewhere], { ...key, ...login });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /^newer-masker: the report can't be stored as s3:\/\/mlops-reports\/comparisons\/newer-masker\/analysis-/,
    );
    const misread = await experiment(["report", ...place, "--store", "mlops-reports/{name}/"], { ...key, ...login });
    expect([misread.code, misread.stderr]).toEqual([2, expect.stringContaining("holds {name}, and only {date}")]);
  });

  test.each([
    ["another name", ["plan", "newer-maskers"], {}, 2, "did you mean newer-masker?"],
    ["another platform", ["plan", NAME, "--platform", "mlopz"], {}, 2, "no platform mlopz"],
    ["no server", ["analyse", NAME], { PGPORT: "1" }, 3, "doesn't answer"],
    [
      "a wrong password",
      ["stop", NAME, "--reason", "x"],
      { PGPASSWORD: "wrong" },
      3,
      "refuses role mlops_experimenter",
    ],
    ["a role that may not read", ["analyse", NAME], { PGUSER: "mlops_model_api" }, 3, "mlops_model_api"],
  ] as const)("is refused in one sentence: %s", async (_, args, env, code, said) => {
    const ended = await experiment(args, env);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(said)]);
    expect(ended.stderr).not.toContain("    at ");
  });
});

test.each([
  ["worse", [100_000, 100_000, 100_000], [20_000, 17_000, 20_010], "none", "worse than the control: b"],
  ["of fewer than 100 units", [99, 99, 99], [20, 0, 99], "running", "297 units of"],
] as const)("of three variants one that is %s makes no verdict on the others", (_, units, totals, verdict, reason) => {
  const names = ["a", "b", "c"];
  const counts = (of: (place: number) => unknown) => Object.fromEntries(names.map((name, place) => [name, of(place)]));
  const metric = counts((place) => [totals[place], totals[place]]);
  const asked = {
    experiment: {
      variants: names.map((name) => ({ name, share: 100 / 3 })),
      control: "a",
      metric: { kind: "proportion", event: "copied", better: "more", baseline: 0.2, deviation: null },
      minimumEffect: 0.02,
      power: 0.8,
      confidence: 0.95,
      looks: { days: 1, number: 2 },
      guardrails: [],
    },
    looks: [{ at: "2026-11-30", units: counts((place) => units[place]), inTwo: 0, metrics: { metric } }],
  };
  const engine = [join(ROOT, "pipelines/experiments/engine.py"), "analyse"];
  const { analysis } = JSON.parse(execFileSync(PYTHON, engine, { encoding: "utf8", input: JSON.stringify(asked) }));
  expect(analysis).toMatchObject({ verdict, winner: null });
  expect(analysis.reasons.join()).toContain(reason);
});

describe("the model API adds records, and reads none (ML-038)", () => {
  const row = "(gen_random_uuid(), 'x', 'unit', 'a', '1', now())";
  test.each([
    ["adds an exposure", `INSERT INTO experiments.exposures VALUES ${row} ON CONFLICT DO NOTHING`, "ok"],
    ["reads none", "SELECT * FROM experiments.exposures", "42501"],
    ["changes none", "UPDATE experiments.outcomes SET value = 9", "42501"],
    ["deletes none", "DELETE FROM experiments.exposures", "42501"],
    ["reads which are stopped", "SELECT experiment FROM experiments.stops", "ok"],
    ["stops none", "INSERT INTO experiments.stops (experiment, stopped_by, reason) VALUES ('x', 'y', 'z')", "42501"],
  ])("it %s", async (_, statement, expected) => {
    const said = await api.query(statement).then(
      () => "ok",
      (error: pg.DatabaseError) => error.code,
    );
    expect(said).toBe(expected);
  });
});

test("ML-036, ML-037: of 1,000 experiments without a difference, looked at daily, at most as many find one as declared; with one, as many as planned; a split that is 2 off is found", () => {
  const said = execFileSync(PYTHON, [join(ROOT, "pipelines/experiments/simulate.py")], { encoding: "utf8" });
  const { proportion, mean, mismatch } = JSON.parse(said);
  for (const { falsePositives, power } of [proportion, mean]) {
    expect(falsePositives).toBeLessThanOrEqual(0.05);
    expect(Math.abs(power - 0.8)).toBeLessThanOrEqual(0.03);
  }
  expect(mismatch.twoPoints).toBeGreaterThanOrEqual(0.99);
  expect(mismatch.twoPercentLostOf400000).toBeGreaterThanOrEqual(0.99);
  expect(mismatch.falseAlarms).toBeLessThanOrEqual(0.005);
}, 240_000);
