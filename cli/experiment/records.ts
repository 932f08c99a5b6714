import { join } from "node:path";
import type pg from "pg";
import type { Experiment } from "../../config/model.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { roleName } from "../../config/values/database-names.ts";
import { EXPERIMENT_ROLES } from "../../config/values/experiments.ts";
import { connect, type Login, refusal, serverOf } from "../../database/connection.ts";
import { DatabaseFault, databaseSentence } from "../../database/fault.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import type { Asked } from "./asked.ts";
import type { CountedLook } from "./engine.ts";

const DAY = 86_400_000;

/** For the help of each command that reads records. */
export const SERVER_HELP = `
Records are read from the PostgreSQL that make up started, as the platform's role ${EXPERIMENT_ROLES.reads}; or from the one that PGHOST, PGPORT,
PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE and PGSSLROOTCERT name.`;

/** An experiment that was ended by hand. */
export interface Stop {
  readonly stoppedAt: Date;
  readonly stoppedBy: string;
  readonly reason: string;
}

/** Runs `work` with the records of a platform's experiments. @throws CommandError where they can't be read */
export async function withRecords<T>(
  checkout: Checkout,
  asked: Pick<Asked, "platform" | "database" | "stage">,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const env = process.env.PGHOST ? process.env : localLogin(checkout, asked);
  const login: Login = {
    user: env.PGUSER ?? "",
    password: env.PGPASSWORD ?? "",
    database: env.PGDATABASE ?? asked.database,
  };
  let client: pg.Client | undefined;
  try {
    const server = serverOf(env);
    if (server === undefined) throw new CommandError("experiment: PGHOST is missing", EXIT.wrongUse);
    client = await connect(server, login);
    return await work(client);
  } catch (error) {
    throw told(error, login);
  } finally {
    await client?.end().catch(() => undefined);
  }
}

function localLogin({ postgres }: Checkout, { platform, stage }: Pick<Asked, "platform" | "stage">): NodeJS.ProcessEnv {
  if (stage !== DEV_STAGE)
    throw new CommandError(
      `experiment: PGHOST is missing: the server of make up has no records of stage ${stage}; name that stage's server by PGHOST, PGUSER, PGPASSWORD and PGDATABASE`,
      EXIT.wrongUse,
    );
  const role = roleName(platform, EXPERIMENT_ROLES.reads);
  const text = readText(join(postgres.roles, `${role}.env`));
  if (text === undefined)
    throw new CommandError(
      `experiment: there is no login of database role ${role} yet; run make up, or name a server by PGHOST`,
      EXIT.couldNotLook,
    );
  return Object.fromEntries(text.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

function told(error: unknown, { user, database }: Login): unknown {
  if (error instanceof DatabaseFault) return new CommandError(`experiment: ${error.message}`, EXIT.couldNotLook);
  const { code } = error as { code?: string };
  if (refusal(error) !== undefined && code !== "42501")
    return new CommandError(
      `experiment: PostgreSQL refuses role ${user} in ${database}; run make up, or fix PGUSER and PGPASSWORD`,
      EXIT.couldNotLook,
    );
  if (code === "3F000" || code === "42P01")
    return new CommandError(
      `experiment: database ${database} has no tables of experiments; run bucketworks migrate`,
      EXIT.couldNotLook,
    );
  const sentence = databaseSentence(error);
  return sentence === undefined ? error : new CommandError(`experiment: ${sentence}`, EXIT.couldNotLook);
}

export async function stopOf(client: pg.Client, { name }: Experiment): Promise<Stop | null> {
  const { rows } = await client.query<{ stopped_at: Date; stopped_by: string; reason: string }>(
    "SELECT stopped_at, stopped_by, reason FROM experiments.stops WHERE experiment = $1",
    [name],
  );
  const [row] = rows;
  return row === undefined ? null : { stoppedAt: row.stopped_at, stoppedBy: row.stopped_by, reason: row.reason };
}

/** @returns false where it was stopped before */
export async function stop(client: pg.Client, { name }: Experiment, by: string, reason: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "INSERT INTO experiments.stops (experiment, stopped_by, reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [name, by, reason],
  );
  return rowCount === 1;
}

/** Who takes part, when he was answered first, and by which variant; `variants` above 1 is in none. */
const UNITS = `units AS (
  SELECT unit, min(variant) AS variant, count(DISTINCT variant) AS variants, min(at) AS at
  FROM experiments.exposures WHERE experiment = $1 AND at <= $2 GROUP BY unit)`;

/** Counts at each look from the first exposure on, and now; of a stopped experiment until it was stopped. */
export async function looksOf(client: pg.Client, experiment: Experiment, now: Date): Promise<CountedLook[]> {
  const end = (await stopOf(client, experiment))?.stoppedAt ?? now;
  const { rows } = await client.query<{ first: Date | null }>(
    "SELECT min(at) AS first FROM experiments.exposures WHERE experiment = $1 AND at <= $2",
    [experiment.name, end],
  );
  const first = rows[0]?.first;
  if (first == null) return [];
  const moments: Date[] = [];
  for (let at = first.getTime() + experiment.looks.days * DAY; at < end.getTime(); at += experiment.looks.days * DAY) {
    moments.push(new Date(at));
  }
  moments.push(end);
  const units = await client.query<{ at: Date; variant: string; units: string; in_two: string }>(
    `WITH ${UNITS} SELECT look AS at, variant, count(*) FILTER (WHERE variants = 1) AS units, count(*) FILTER (WHERE variants > 1) AS in_two
     FROM unnest($3::timestamptz[]) AS look JOIN units ON units.at <= look GROUP BY look, variant`,
    [experiment.name, end, moments],
  );
  const metrics = [
    ["metric", experiment.metric] as const,
    ...experiment.guardrails.map((each) => [each.name, each] as const),
  ];
  const measured: { readonly name: string; readonly rows: Awaited<ReturnType<typeof totals>> }[] = [];
  // One connection answers one question at a time.
  for (const [name, { kind, event }] of metrics)
    measured.push({ name, rows: await totals(client, experiment, { kind, event, end, moments }) });
  return moments.map((moment) => {
    const here = <Row extends { readonly at: Date }>(all: readonly Row[]) =>
      all.filter(({ at }) => at.getTime() === moment.getTime());
    const found = here(units.rows);
    return {
      at: moment.toISOString(),
      units: Object.fromEntries(found.map(({ variant, units: count }) => [variant, Number(count)])),
      inTwo: found.reduce((all, { in_two }) => all + Number(in_two), 0),
      metrics: Object.fromEntries(
        measured.map(({ name, rows: all }) => [
          name,
          Object.fromEntries(here(all).map(({ variant, total, squares }) => [variant, [total, squares] as const])),
        ]),
      ),
    };
  });
}

interface Measure {
  readonly kind: "proportion" | "mean";
  readonly event: string;
  readonly end: Date;
  readonly moments: readonly Date[];
}

/** What units did after they were answered first, until each moment. */
async function totals(client: pg.Client, { name }: Experiment, { kind, event, end, moments }: Measure) {
  const value = kind === "proportion" ? "least(1, count(o.id))::float8" : "coalesce(sum(o.value), 0)";
  const { rows } = await client.query<{ at: Date; variant: string; total: number; squares: number }>(
    `WITH ${UNITS}, sums AS (
       SELECT look, u.unit, u.variant, ${value} AS value
       FROM unnest($3::timestamptz[]) AS look JOIN units u ON u.at <= look AND u.variants = 1
       LEFT JOIN experiments.outcomes o ON o.experiment = $1 AND o.event = $4 AND o.unit = u.unit AND o.at >= u.at AND o.at <= look
       GROUP BY look, u.unit, u.variant)
     SELECT look AS at, variant, sum(value)::float8 AS total, sum(value * value)::float8 AS squares FROM sums GROUP BY look, variant`,
    [name, end, moments, event],
  );
  return rows;
}
