import { join } from "node:path";
import type pg from "pg";
import { type DatabasePlan, databasePlan } from "../../builders/postgres/database-plan.ts";
import { migrate } from "../../database/migrate.ts";
import { resolved } from "../support/platforms.ts";
import { TestPostgres } from "../support/postgres.ts";
import { ROOT } from "../support/toolchain.ts";

export const DATABASE = "dataops_db";
export const PLAN: DatabasePlan = databasePlan(resolved("dataops", "dev"));
export const PROMOTE =
  "SELECT * FROM production.promote($1, 'production', $1, 'v', 'reports/1', 'v1', 'reports/2', 'v2')";

interface Judgement {
  readonly passed?: boolean;
  readonly version?: string;
  readonly name?: string;
}

/** The database of DataOps on a server of its own, with runs that its roles bring as far as a test needs them. */
export class Runs {
  private readonly clients = new Map<string, pg.Client>();
  private made = 0;

  readonly postgres: TestPostgres;

  private constructor(postgres: TestPostgres) {
    this.postgres = postgres;
  }

  /** With the migrations of today, and the tables of the data set `readings`. */
  static async start(): Promise<Runs> {
    const runs = new Runs(await TestPostgres.start(PLAN));
    const { server, key } = runs.postgres;
    await migrate({ server, plan: PLAN, folder: join(ROOT, "config/migrations"), key, wait: 0, ownServer: true });
    await runs.makeTables("readings");
    return runs;
  }

  async stop(): Promise<void> {
    for (const client of this.clients.values()) await client.end();
    await this.postgres.stop();
  }

  async as(role: string): Promise<pg.Client> {
    const client = this.clients.get(role) ?? (await this.postgres.as(`dataops_${role}`, DATABASE));
    this.clients.set(role, client);
    return client;
  }

  /** What the server answers to one statement of a role: "ok", the code of a refused right, or the words of a refusal. */
  async answer(role: string, statement: string, values: unknown[] = []): Promise<string> {
    return (await this.as(role)).query(statement, values).then(
      () => "ok",
      (error: pg.DatabaseError) => (error.code === "P0001" ? error.message : (error.code ?? error.message)),
    );
  }

  /** Tables of a data set, as a migration of the owner makes them. */
  async makeTables(name: string): Promise<void> {
    const owner = await this.postgres.owner(DATABASE);
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

  /** A run that was extracted and transformed: its row, its objects and `values` as rows at the hours from one on. */
  async transformedRun(values: readonly string[], name = "readings"): Promise<string> {
    this.made += 1;
    const run = `20260101000000-${String(this.made).padStart(6, "0")}`;
    const loader = await this.as("loader");
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

  async judge(run: string, round: 1 | 2, { passed = true, version, name = "readings" }: Judgement = {}) {
    const validator = await this.as("validator");
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

  async judgedRun(values: readonly string[], name = "readings"): Promise<string> {
    const run = await this.transformedRun(values, name);
    await this.judge(run, 1, { name });
    await this.judge(run, 2, { name });
    return run;
  }

  promote(run: string): Promise<string> {
    return this.answer("promoter", PROMOTE, [run]);
  }

  async promoted(name = "readings"): Promise<string[]> {
    const consumer = await this.as("consumer");
    const { rows } = await consumer.query(
      `SELECT value, run_id FROM production.${consumer.escapeIdentifier(name)} ORDER BY at`,
    );
    return rows.map(({ value, run_id }) => `${value} of ${run_id}`);
  }
}
