import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BackupPlace, placeName } from "../../builders/postgres/barman.ts";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { type BaseBackup, baseFor, type Catalogue } from "../../database/backup/catalog.ts";
import type { Recovery } from "../../database/backup/recovery.ts";
import { leadsOn, type Timelines } from "../../database/backup/timelines.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { fromHere } from "../terminal/path-from-here.ts";
import { type Progress, step } from "../terminal/progress.ts";
import { fetchBackup, listBackups } from "./barman.ts";
import { RestoredServer } from "./restored-server.ts";
import { readTimelines } from "./wal-archive.ts";

export interface Wanted {
  readonly place: BackupPlace;
  readonly plan: DatabasePlan;
  /** Null is the newest that the archive has. */
  readonly moment: Date | null;
  /** Not there, or empty. */
  readonly folder: string;
  readonly progress: Progress;
}

export interface Restored {
  /** Running. */
  readonly server: RestoredServer;
  readonly base: BaseBackup;
  /** When the last transaction was committed that is in it; null where the base backup had them all. */
  readonly last: Date | null;
  /** What the store had to choose from. */
  readonly found: { readonly whole: readonly BaseBackup[]; readonly timelines: Timelines };
  /** From the first request to a server that takes connections. */
  readonly seconds: number;
}

/** Refuses a folder that holds anything: nothing is ever restored over data. */
export function requireEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new CommandError(
    `${fromHere(folder)} isn't empty, and nothing is restored over what is there; name another folder with --into, or move it away`,
    EXIT.wrongUse,
  );
}

/**
 * A server of its own, as the databases were at a moment. The caller ends it.
 * @throws CommandError where that moment can't be had; the folder is gone then, and no other has changed
 */
export async function restoreTo({ place, plan, moment, folder, progress }: Wanted): Promise<Restored> {
  requireEmpty(folder);
  const began = Date.now();
  const catalogue = await listBackups(place);
  const timelines = await readTimelines(place);
  const base = baseOf(catalogue, timelines, { place, moment });
  const isOurs = claim(folder);
  const server = new RestoredServer(folder);
  try {
    await step(
      progress,
      `fetching base backup ${base.id}`,
      () => fetchBackup(place, base.id, server.data),
      () => `base backup ${base.id} fetched`,
    );
    const recovery = await step(
      progress,
      "bringing it to the moment",
      () => server.recover(place, plan, moment),
      () => "the log is read",
    );
    if (recovery.outcome !== "reached") throw recoveryFault(recovery, base, moment);
    const found = { whole: catalogue.whole, timelines };
    return { server, base, last: recovery.last, found, seconds: (Date.now() - began) / 1000 };
  } catch (error) {
    await server.stop();
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    if (isOurs) rmdirSync(folder);
    throw error;
  }
}

/** Makes the folder and what a second restore into it finds there. @returns whether it wasn't there before */
function claim(folder: string): boolean {
  const isOurs = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  try {
    mkdirSync(join(folder, "access"), { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") requireEmpty(folder);
    throw error;
  }
  return isOurs;
}

function baseOf(
  { whole, broken }: Catalogue,
  timelines: Timelines,
  { place, moment }: Pick<Wanted, "place" | "moment">,
): BaseBackup {
  const base = baseFor(whole, moment, timelines);
  if (base !== undefined) return base;
  const first = whole.find(({ timeline, endPosition }) => leadsOn(timelines, timeline, endPosition));
  if (first === undefined && whole.length > 0) throw new CommandError(UNDONE, EXIT.findings);
  const interrupted = broken.length === 0 ? "" : ` (${broken.join(", ")} isn't whole: it failed or was interrupted)`;
  throw new CommandError(
    first === undefined
      ? `there is no base backup in ${placeName(place)}${interrupted}; make one: bucketworks database backup`
      : `no base backup was whole at ${moment?.toISOString()}${interrupted}; the first moment that can be restored is ${first.end.toISOString()}`,
    EXIT.findings,
  );
}

const UNDONE =
  "each base backup is of a time that a restore into the live server's place has undone, so nothing later is restored from it; make a new one, from whose end on every moment can be restored: bucketworks database backup";

function recoveryFault({ outcome, last, said }: Recovery, base: BaseBackup, moment: Date | null): CommandError {
  const asked = moment?.toISOString() ?? "the newest moment";
  const reach = (last ?? base.end).toISOString();
  const words = {
    short: `the archive has nothing of ${asked}: its last transaction is of ${reach}; --to latest restores up to it`,
    early: `base backup ${base.id} wasn't whole at ${asked}; name a later moment`,
    left: `base backup ${base.id} is of a time that a restore into the live server's place has undone, so nothing later is restored from it; make a new one, from whose end on every moment can be restored: bucketworks database backup`,
    unread: `the store couldn't be asked for the log after ${reach}; see that it runs, then run it again`,
    failed: `the restored server didn't come up: ${said}`,
    reached: "",
  };
  return new CommandError(
    words[outcome],
    ["short", "early", "left"].includes(outcome) ? EXIT.findings : EXIT.couldNotLook,
  );
}
