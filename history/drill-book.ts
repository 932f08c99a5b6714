import { z } from "zod";
import { backupDrill } from "../report/schema.ts";
import type { DrillBook } from "./history.ts";
import type { Store } from "./store.ts";

/** Drills that are kept of a bucket: some years of a weekly one. */
const KEPT = 200;

/** A later version's drill may say more. */
const kept = z.object(backupDrill.shape);

/** The drills of a store. */
export function drillBookOf(store: Store): DrillBook {
  return {
    add: ({ stage, server }, bucket, drill) =>
      store.atomically(async (run) => {
        const at = new Date(drill.at).toISOString();
        await run(
          "insert into drills (stage, server, bucket, at, drill) values ($1, $2, $3, $4, $5) on conflict do nothing",
          [stage, server, bucket, at, JSON.stringify(drill)],
        );
        await run(
          `delete from drills where stage = $1 and server = $2 and bucket = $3 and at not in
            (select at from drills where stage = $1 and server = $2 and bucket = $3 order by at desc limit ${KEPT})`,
          [stage, server, bucket],
        );
      }),
    last: ({ stage, server }) =>
      store.atomically(async (run) => {
        const rows = await run("select bucket, drill from drills where stage = $1 and server = $2 order by at", [
          stage,
          server,
        ]);
        return new Map(
          rows.flatMap(({ bucket, drill }) => {
            const { data } = kept.safeParse(JSON.parse(String(drill)));
            return data === undefined ? [] : [[String(bucket), data] as const];
          }),
        );
      }),
  };
}
