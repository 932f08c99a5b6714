import { alertBookOf } from "./alert-book.ts";
import { drillBookOf } from "./drill-book.ts";
import type { History } from "./history.ts";
import { openPostgres } from "./postgres-store.ts";
import { runsOf } from "./runs.ts";
import { openSqlite } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

/**
 * Opens a history, or begins one. Several processes may use it at once, and one that is killed loses nothing that it
 * had added.
 * @param place path of a file for SQLite, or `postgresql://USER@HOST:PORT/DATABASE`, whose password PGPASSWORD holds
 * @param told is given a sentence where a corrupt file was set aside, as `FILE.corrupt-INSTANT`
 * @throws DatabaseFault where it can't be used
 */
export async function openHistory(place: string, told: (sentence: string) => void = () => undefined): Promise<History> {
  const store = await openStore(place, told);
  return { ...runsOf(store), alerts: alertBookOf(store), drills: drillBookOf(store), close: () => store.close() };
}

async function openStore(place: string, told: (sentence: string) => void): Promise<Store> {
  return /^postgres(ql)?:\/\//.test(place) ? openPostgres(place, process.env) : openSqlite(place, told);
}
