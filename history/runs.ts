import { z } from "zod";
import { type RunSummary, runSummary } from "../report/schema.ts";
import type { History } from "./history.ts";
import type { Run, Store } from "./store.ts";

/** How long a run is kept: a year and a month, so that a month has the same one of last year beside it. Days. */
const KEPT_DAYS = 400;
/** Of a stage and server these many are kept whatever their age: a clock that is years ahead for once must not end all. */
const KEPT_ALWAYS = 1000;
const DAY_MS = 86_400_000;

/** A later version's run may say more. */
const kept = z.object(runSummary.shape);

/** The runs of a store. */
export function runsOf(store: Store): Pick<History, "add" | "last"> {
  return {
    add: (run) => store.atomically((sql) => add(sql, run)),
    last: (of, most) => store.atomically((sql) => last(sql, of, most)),
  };
}

async function add(run: Run, summary: RunSummary): Promise<void> {
  const { stage, server } = summary;
  const at = instant(summary.at);
  const values = [stage, server, at, JSON.stringify(summary)];
  await run("insert into runs (stage, server, at, summary) values ($1, $2, $3, $4) on conflict do nothing", values);
  await run(
    `delete from runs where stage = $1 and server = $2 and at < $3 and at not in
      (select at from runs where stage = $1 and server = $2 order by at desc limit ${KEPT_ALWAYS})`,
    [stage, server, new Date(Date.parse(at) - KEPT_DAYS * DAY_MS).toISOString()],
  );
}

async function last(
  run: Run,
  { stage, server }: Pick<RunSummary, "stage" | "server">,
  most: number,
): Promise<RunSummary[]> {
  const sql = "select summary from runs where stage = $1 and server = $2 order by at desc limit $3";
  const rows = await run(sql, [stage, server, most]);
  return rows
    .reverse()
    .map(({ summary }) => kept.safeParse(JSON.parse(String(summary))))
    .flatMap(({ data }) => (data === undefined ? [] : [data]));
}

/** One form, so that instants sort as text. */
function instant(text: string): string {
  return new Date(text).toISOString();
}
