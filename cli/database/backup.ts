import { Command, Option } from "commander";
import { placeName } from "../../builders/postgres/barman.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { audited } from "../audit-log.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { writeArchiveScript, writePasswordFile } from "../local/postgres/archive.ts";
import { print, printJson } from "../terminal/print.ts";
import { Progress, step } from "../terminal/progress.ts";
import { listBackups, pushBackup } from "./barman.ts";
import { alone, archiveNow, liveServer } from "./live-server.ts";
import { prepareBarman } from "./prepare.ts";
import { backupSettings, placeOf } from "./settings.ts";

interface Options {
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Copies the data of the running PostgreSQL of make up into the bucket that database_backup of a platform names, then waits until the log
up to here is archived. Clients go on reading and writing. From then on every moment can be restored. One that is interrupted is never
restored from; run it again. Nothing is ever deleted: base backups and log end by the retention of the bucket.

Examples:
  $ bucketworks database backup
  $ bucketworks database backup --json

Exit codes: 0 made, 1 made but its log isn't archived yet, or another one is under way, 2 wrong use, 3 no server or no store`;

/** `bucketworks database backup`: a base backup now. */
export function backupCommand(): Command {
  return new Command("backup")
    .description("make a base backup of the running PostgreSQL")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(backup);
}

async function backup({ format, quiet = false }: Options): Promise<void> {
  const settings = backupSettings();
  const { checkout } = settings;
  const progress = new Progress(quiet || format === "json");
  const place = placeOf(settings);
  const server = await liveServer(checkout);
  if (server === undefined)
    throw new CommandError(
      "PostgreSQL isn't running here, so there is nothing to back up; run make up",
      EXIT.couldNotLook,
    );
  try {
    await prepareBarman(settings, place, (line) => progress.note(line));
    writeArchiveScript(checkout, settings.backup);
    const deed = { action: "database.backup", object: placeName(place) };
    const began = Date.now();
    await audited(checkout, deed, () =>
      alone(server, () =>
        step(
          progress,
          "copying the data",
          () => pushBackup(place, writePasswordFile(checkout, server.port)),
          () => "the data is copied",
        ),
      ),
    );
    const reach = await step(
      progress,
      "waiting for the log",
      () => archiveNow(server),
      (moment) => (moment === undefined ? "the log isn't archived" : "the log is archived"),
    );
    const made = (await listBackups(place)).whole.at(-1);
    const seconds = (Date.now() - began) / 1000;
    const found = {
      schemaVersion: 1,
      place: placeName(place),
      id: made?.id ?? null,
      bytes: made?.size ?? null,
      seconds,
    };
    if (format === "json") printJson({ ...found, archived: reach?.toISOString() ?? null });
    if (reach === undefined) {
      throw new CommandError(
        `base backup ${made?.id} is made, but the log that it needs isn't archived: the store doesn't take it (last lines of .bucketworks/postgres/postgres.log); it is tried again until it does`,
        EXIT.findings,
      );
    }
    if (!quiet && format === "text") {
      const size = made?.size == null ? "" : ` of ${readableBytes(made.size)}`;
      print(
        `base backup ${made?.id}${size} in ${placeName(place)}; every moment from ${made?.end.toISOString()} on can be restored`,
      );
    }
  } finally {
    await server.client.end();
  }
}
