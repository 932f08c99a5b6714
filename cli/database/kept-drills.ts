import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DatabaseDrill } from "../../report/schema.ts";
import type { Checkout } from "../checkout.ts";
import { makePrivateFolder, readText } from "../local/private-files.ts";

/** A line a drill. */
const fileOf = ({ logs }: Checkout): string => join(logs, "database-drills.ndjson");

/** What the report says of one; a later version's line may say more. */
const kept = z.object({
  time: z.iso.datetime(),
  place: z.string(),
  restoreSeconds: z.number(),
  seconds: z.number(),
  lossSeconds: z.number().nullable(),
  tables: z.int(),
  rows: z.number(),
  bytes: z.number(),
  gaps: z.array(z.unknown()).default([]),
});

/** Keeps a drill of the checkout. */
export function keepDrill(checkout: Checkout, drill: object): void {
  makePrivateFolder(checkout.logs);
  appendFileSync(fileOf(checkout), `${JSON.stringify(drill)}\n`, { mode: 0o600 });
}

/** The last drill of each place that the checkout kept, by `s3://BUCKET/PREFIX/SERVER`. A line that was cut is left out. */
export function lastDrills(checkout: Checkout): ReadonlyMap<string, DatabaseDrill> {
  const lines = (readText(fileOf(checkout)) ?? "").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const { data } = kept.safeParse(parsed(line));
      if (data === undefined) return [];
      const { time: at, place, restoreSeconds, seconds, lossSeconds, tables, rows, bytes, gaps } = data;
      const times = { restore_seconds: restoreSeconds, duration_seconds: seconds, loss_seconds: lossSeconds };
      return [[place, { at, ...times, tables, rows, bytes, gaps: gaps.length }] as const];
    }),
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
