import { once } from "node:events";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { placeName } from "../../builders/postgres/barman.ts";
import { plannedRoles } from "../../builders/postgres/database-plan.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { readMoment } from "../../database/backup/recovery.ts";
import { audited } from "../audit-log.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { attended } from "../ending/signals.ts";
import { HOST } from "../local/service/local-service.ts";
import { fromHere } from "../terminal/path-from-here.ts";
import { counted, print, printJson, table } from "../terminal/print.ts";
import { Progress } from "../terminal/progress.ts";
import { contentsOf, type DatabaseContents } from "./contents.ts";
import { archiveNow, liveServer } from "./live-server.ts";
import { prepareBarman } from "./prepare.ts";
import { type Restored, requireEmpty, restoreTo } from "./restoring.ts";
import { type BackupSettings, backupSettings, placeOf } from "./settings.ts";

interface Options {
  readonly to: Date | "latest";
  readonly into?: string;
  readonly server?: string;
  readonly serve?: boolean;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Makes a new data folder with all databases as they were at a moment, and starts a server on it that shows them. The
live server and its data are never touched: to put the restored data in their place, see docs/database-backup.md. The moment has a time
zone (Z is UTC); latest is the newest that the archive has. Where the live server runs, its log is archived up to now first.
With --serve the restored server runs until Ctrl-C, on loopback and with the roles and passwords of the live one.

Examples:
  $ bucketworks database restore --to 2026-11-20T10:00Z
  $ bucketworks database restore --to latest --into /var/tmp/look --serve

Exit codes: 0 restored, 1 that moment can't be restored, 2 wrong use, or the folder holds something, 3 no store`;

/** `bucketworks database restore`: the databases as they were, beside the live ones. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("restore all databases as they were at a moment, into a new folder")
    .addOption(
      new Option("--to <moment>", "like 2026-11-20T10:00Z, or latest").makeOptionMandatory().argParser(momentOption),
    )
    .option("--into <folder>", "new folder; absent is one below .bucketworks/restored")
    .option("--server <name>", "name of the server below the prefix; absent is the one here")
    .option("--serve", "keep the restored server running until Ctrl-C")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(restore);
}

/** @throws InvalidArgumentError that says what is wrong with it */
function momentOption(text: string): Date | "latest" {
  if (text === "latest") return text;
  const moment = readMoment(text, new Date());
  if (typeof moment === "string") throw new InvalidArgumentError(`${moment}.`);
  return moment;
}

async function restore({ to: asked, into, server: name, serve, format, quiet = false }: Options): Promise<void> {
  // No option of commander can be null.
  const to = asked === "latest" ? null : asked;
  const settings = backupSettings();
  const place = placeOf(settings, name);
  const progress = new Progress(quiet || format === "json");
  const instant = (to ?? new Date()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const folder = resolve(into ?? join(settings.checkout.home, "restored", to === null ? `latest-${instant}` : instant));
  requireEmpty(folder);
  await prepareBarman(settings, place, (line) => progress.note(line));
  if (name === undefined) await archiveUpToNow(settings, progress);
  const deed = { action: "database.restore", object: `${placeName(place)} to ${to?.toISOString() ?? "latest"}` };
  const wanted = { place, plan: settings.plan, moment: to, folder, progress };
  // To its end: a server that was started is ended, too.
  await attended(async (stop) => {
    const restored = await audited(settings.checkout, deed, () => restoreTo(wanted));
    try {
      const contents = await contentsOf(restored.server, false);
      // Before it serves: a Ctrl-C reaches the server, too.
      await restored.server.handOver();
      if (format === "json") {
        const { base, last, seconds } = restored;
        const found = { folder, base: base.id, last, seconds, port: serve ? restored.server.port : null };
        printJson({ schemaVersion: 1, ...found, databases: contents });
      } else if (!quiet) print(summary(restored, contents, { folder, to, serve: serve ?? false, settings }));
      if (serve) await untilStopped(restored, stop);
    } finally {
      await restored.server.stop();
    }
  });
}

/** What was committed a moment ago isn't archived yet, as long as its segment isn't full. */
async function archiveUpToNow({ checkout }: BackupSettings, progress: Progress): Promise<Date | undefined> {
  const live = await liveServer(checkout);
  if (live === undefined) return undefined;
  const moment = await archiveNow(live).finally(() => live.client.end());
  if (moment === undefined)
    progress.note("the live server can't archive its log now: what it committed last can't be restored yet");
  return moment;
}

async function untilStopped({ server }: Restored, stop: AbortSignal): Promise<void> {
  if (!stop.aborted) await Promise.race([server.ended(), once(stop, "abort")]);
  if (!stop.aborted) throw new CommandError("the restored server ended by itself; see its log", EXIT.couldNotLook);
}

interface Shown {
  readonly folder: string;
  readonly to: Date | null;
  readonly serve: boolean;
  readonly settings: BackupSettings;
}

function summary(
  { base, last, seconds, server }: Restored,
  contents: readonly DatabaseContents[],
  shown: Shown,
): string {
  const { folder, to, serve, settings } = shown;
  const rows = contents.map(({ name, bytes, tables }) => [name, readableBytes(bytes), counted(tables, "table")]);
  const [role] = plannedRoles(settings.plan);
  const login = role === undefined ? "" : `, for example as ${role.role} in ${role.database}`;
  return [
    `restored to ${to?.toISOString() ?? "the newest moment of the archive"} from base backup ${base.id} in ${seconds.toFixed(1)} s`,
    `last transaction in it: ${last?.toISOString() ?? `none after the base backup (${base.end.toISOString()})`}`,
    table([["database", "size", ""], ...rows]),
    serve
      ? `it serves on ${HOST}:${server.port} until Ctrl-C, with the live server's roles and passwords${login}`
      : `data: ${fromHere(join(folder, "data"))}; look into it with --serve and another --into, or put it in place of the live one (docs/database-backup.md)`,
  ].join("\n");
}
