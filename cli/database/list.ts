import { Command, Option } from "commander";
import { placeName } from "../../builders/postgres/barman.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { isTooOld } from "../../database/backup/catalog.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { counted, print, printJson, table } from "../terminal/print.ts";
import { Progress } from "../terminal/progress.ts";
import { listBackups } from "./barman.ts";
import { gapLines } from "./gap-lines.ts";
import { type ArchiveState, archiveState, liveServer } from "./live-server.ts";
import { prepareBarman } from "./prepare.ts";
import { backupSettings, placeOf } from "./settings.ts";
import { archiveGaps, readTimelines } from "./wal-archive.ts";

interface Options {
  readonly server?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Shows the base backups of the PostgreSQL of make up, and which moments can be restored. Where the server runs, it says whether it can
archive its log: what waits in it is lost with it. Segments that the archived log lacks are named: no moment behind such a gap is restored
from a base backup before it. A newest base backup that is older than the platform's alerts allow (alerting.backup.age_hours) is told.

Examples:
  $ bucketworks database list
  $ bucketworks database list --server local-7437281930218472913

Exit codes: 0 there are backups and the log is archived, 1 there are none, the newest is too old, or the log isn't archived or has gaps,
2 wrong use, 3 no store`;

/** `bucketworks database list`: base backups, and the moments that can be restored. */
export function listCommand(): Command {
  return new Command("list")
    .description("show base backups and which moments can be restored")
    .option("--server <name>", "name of the server below the prefix; absent is the one here")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(list);
}

async function list({ server: name, format, quiet = false }: Options): Promise<void> {
  const settings = backupSettings();
  const place = placeOf(settings, name);
  const progress = new Progress(quiet || format === "json");
  await prepareBarman(settings, place, (line) => progress.note(line));
  const live = name === undefined ? await liveServer(settings.checkout) : undefined;
  const archive = live && (await archiveState(live).finally(() => live.client.end()));
  const { whole, broken } = await listBackups(place).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError([error.message, ...archiveLines(archive)].join("\n"), error.exitCode);
  });
  const gaps = await archiveGaps(place, whole, await readTimelines(place));
  const newest = whole.at(-1);
  const old = isTooOld(newest, settings.maxAgeSeconds, new Date());
  if (newest === undefined || old || gaps.length > 0 || archive?.isFailing) process.exitCode = EXIT.findings;
  if (format === "json") {
    const backups = whole.map(({ id, begin, end, size }) => ({ id, begin, end, bytes: size }));
    printJson({ schemaVersion: 1, place: placeName(place), backups, broken, old, gaps, archive: archive ?? null });
    return;
  }
  if (quiet) return;
  const rows = whole.map(({ id, end, size }) => [id, end.toISOString(), size === null ? "" : readableBytes(size)]);
  const [first] = whole;
  const lines = [
    ...(first === undefined
      ? [`no base backup in ${placeName(place)}; make one: bucketworks database backup`]
      : [table([["base backup", "whole since", "size"], ...rows]), `every moment from ${first.end.toISOString()} on`]),
    ...(old
      ? [
          `the newest base backup is older than ${settings.maxAgeSeconds / 3600} h; make one: bucketworks database backup`,
        ]
      : []),
    ...gapLines(gaps),
    ...(broken.length > 0
      ? [`${counted(broken.length, "more")} failed or were interrupted: ${broken.join(", ")}`]
      : []),
    ...archiveLines(archive),
  ];
  print(lines.join("\n"));
}

function archiveLines(archive: ArchiveState | undefined): string[] {
  if (archive === undefined) return [];
  const { isFailing, failures, lastArchived, lastFailure, waiting } = archive;
  const last = lastArchived === null ? "nothing was archived yet" : `last archived at ${lastArchived.toISOString()}`;
  if (!isFailing) return [`the log is archived: ${last}`];
  const what = waiting === null ? "what was written since waits" : `${readableBytes(waiting)} wait`;
  return [
    `the log is NOT archived: ${counted(failures, "failure")}, the last at ${lastFailure?.toISOString()}; ${last}; ${what} in the server until the store takes it`,
  ];
}
