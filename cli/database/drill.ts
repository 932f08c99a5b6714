import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { placeName } from "../../builders/postgres/barman.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import type { Gap } from "../../database/backup/segments.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { EXIT } from "../ending/exit.ts";
import { untilInterrupted } from "../ending/signals.ts";
import { counted, print, printJson } from "../terminal/print.ts";
import { Progress, step } from "../terminal/progress.ts";
import { contentsOf } from "./contents.ts";
import { gapLines } from "./gap-lines.ts";
import { keepDrill } from "./kept-drills.ts";
import { archiveNow, archiveState, liveServer, lossBefore } from "./live-server.ts";
import { prepareBarman } from "./prepare.ts";
import { restoreTo } from "./restoring.ts";
import { type BackupSettings, backupSettings, placeOf } from "./settings.ts";
import { archiveGaps } from "./wal-archive.ts";

interface Options {
  readonly server?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

/** Of a drill; one line each is kept. */
interface Drill {
  readonly schemaVersion: 1;
  readonly time: string;
  readonly place: string;
  readonly base: string;
  /** To which moment; null is the newest that the archive had. */
  readonly moment: string | null;
  readonly lastTransaction: string | null;
  /** Until it took connections, and until all was read, too. */
  readonly restoreSeconds: number;
  readonly seconds: number;
  /**
   * What would have been lost, had the server been lost when the drill began; null where no server is here, or it doesn't tell what it
   * archived last.
   */
  readonly lossSeconds: number | null;
  readonly databases: number;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  /** What the archived log lacks: older moments that can't be had, though the newest was restored. */
  readonly gaps: readonly Gap[];
}

const HELP = `
Restores the newest moment into a folder for temporary files, starts a server on it on a free port, reads every row of every table, and
removes it again. The live server is only asked to archive its log. Says how long it took, and how many seconds of
changes would have been lost had the server been lost when the drill began. Each drill adds a line to .bucketworks/logs/database-drills.ndjson.

Examples:
  $ bucketworks database drill
  $ bucketworks database drill --json

Exit codes: 0 all was restored and read, 1 it can't be restored, or the archived log has gaps, 2 wrong use, 3 no store`;

/** `bucketworks database drill`: proves that the backups can be restored. */
export function drillCommand(): Command {
  return new Command("drill")
    .description("restore the newest moment beside the live server, read all of it, and remove it")
    .option("--server <name>", "name of the server below the prefix; absent is the one here")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async ({ server, format, quiet = false }: Options) => {
      const settings = backupSettings();
      const progress = new Progress(quiet || format === "json");
      const done = await untilInterrupted(() => drill(settings, progress, server));
      keepDrill(settings.checkout, done);
      if (done.gaps.length > 0) process.exitCode = EXIT.findings;
      if (format === "json") printJson(done);
      else if (!quiet) print(lines(done));
    });
}

async function drill(settings: BackupSettings, progress: Progress, name: string | undefined): Promise<Drill> {
  const place = placeOf(settings, name);
  await prepareBarman(settings, place, (line) => progress.note(line));
  const began = new Date();
  const { moment, lossSeconds } = name === undefined ? await reach(settings, began) : UNKNOWN;
  const parent = temporaryFolder(tmpdir(), "bucketworks-drill-");
  try {
    const wanted = { place, plan: settings.plan, moment, folder: join(parent, "postgres"), progress };
    const { server, base, last, found, seconds: restoreSeconds } = await restoreTo(wanted);
    try {
      const databases = await step(
        progress,
        "reading every table",
        () => contentsOf(server, true),
        () => "every table is read",
      );
      const sum = (count: (each: (typeof databases)[number]) => number) =>
        databases.reduce((total, each) => total + count(each), 0);
      return {
        schemaVersion: 1,
        time: began.toISOString(),
        place: placeName(place),
        base: base.id,
        moment: moment?.toISOString() ?? null,
        lastTransaction: last?.toISOString() ?? null,
        restoreSeconds,
        seconds: (Date.now() - began.getTime()) / 1000,
        lossSeconds,
        databases: databases.length,
        tables: sum(({ tables }) => tables),
        rows: sum(({ rows }) => rows ?? 0),
        bytes: sum(({ bytes }) => bytes),
        gaps: await archiveGaps(place, found.whole, found.timelines),
      };
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

interface Reach {
  readonly moment: Date | null;
  readonly lossSeconds: number | null;
}

const UNKNOWN: Reach = { moment: null, lossSeconds: null };

/** To which moment the drill goes, and how much of the live server's log the store lacked when it began. */
async function reach({ checkout }: BackupSettings, began: Date): Promise<Reach> {
  const live = await liveServer(checkout);
  if (live === undefined) return UNKNOWN;
  try {
    const lossSeconds = lossBefore(began, await archiveState(live));
    return { moment: (await archiveNow(live)) ?? null, lossSeconds };
  } finally {
    await live.client.end();
  }
}

function lines(drill: Drill): string {
  const { moment, base, restoreSeconds, seconds, lossSeconds, databases, tables, rows, bytes, gaps } = drill;
  const loss =
    lossSeconds === null
      ? "what would have been lost isn't known: no server here tells what it archived last"
      : `had the server been lost when the drill began, the changes of its last ${lossSeconds.toFixed(1)} s would have been lost`;
  return [
    `restored to ${moment ?? "the newest moment of the archive"} from base backup ${base} in ${restoreSeconds.toFixed(1)} s, read in ${seconds.toFixed(1)} s altogether, and removed`,
    `${counted(databases, "database")}, ${counted(tables, "table")}, ${counted(rows, "row")}, ${readableBytes(bytes)}`,
    loss,
    ...gapLines(gaps),
  ].join("\n");
}
