import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BARMAN,
  type BackupPlace,
  barmanEnvironment,
  storeArguments,
  storeOptions,
} from "../../builders/postgres/barman.ts";
import { barmanSentence } from "../../database/backup/barman-fault.ts";
import { type Catalogue, readCatalogue } from "../../database/backup/catalog.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { untilInterrupted } from "../ending/signals.ts";

const LONGEST_TEMPORARY = 40;

/** Makes a base backup of the server that `login` leads to, as variables of libpq. */
export async function pushBackup(place: BackupPlace, login: Readonly<Record<string, string>>): Promise<void> {
  const options = ["--immediate-checkpoint", "--gzip", "-d", login.PGDATABASE ?? "postgres"];
  await run("the base backup", place, { module: BARMAN.backup, options, rest: [], env: login });
}

/** Base backups of the server in the store. */
export async function listBackups(place: BackupPlace): Promise<Catalogue> {
  const options = ["--format", "json"];
  return readCatalogue(await run("listing backups", place, { module: BARMAN.list, options, rest: [], env: {} }));
}

/** Fetches a base backup into a folder that isn't there, or empty. */
export async function fetchBackup(place: BackupPlace, id: string, folder: string): Promise<void> {
  await run("fetching the base backup", place, { module: BARMAN.restore, options: [], rest: [id, folder], env: {} });
}

/** The text of a file of the archived log, such as the history of a timeline. */
export async function fetchWal(place: BackupPlace, name: string): Promise<string> {
  const folder = temporaryFolder(place.scratch, "fetched-");
  try {
    const file = join(folder, name);
    // As in a recovery: it takes a file of that name out of this folder first, whichever server it is of.
    const options = ["--no-partial", "--spool-dir", join(folder, "spool")];
    await run(`fetching ${name}`, place, { module: BARMAN.restoreWal, options, rest: [name, file], env: {} });
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Call {
  readonly module: string;
  readonly options: readonly string[];
  /** What follows the place of the backups. */
  readonly rest: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** @returns what it wrote @throws CommandError with one sentence */
async function run(work: string, place: BackupPlace, { module, options, rest, env }: Call): Promise<string> {
  const args = ["-m", module, ...storeOptions(place), ...options, ...storeArguments(place), ...rest];
  return untilInterrupted(async (stop) => {
    const child = spawn(place.python, args, {
      env: { PATH: process.env.PATH, ...barmanEnvironment(place), TMPDIR: shortTemporary(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = (): void => void child.kill("SIGINT");
    stop.addEventListener("abort", end, { once: true });
    let out = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(child, "close")) as [number | null];
    stop.removeEventListener("abort", end);
    if (code !== 0) throw new CommandError(barmanSentence(work, code, said), EXIT.couldNotLook);
    return out;
  });
}

/** Barman's processes speak by sockets in its temporary folder, whose paths may have 107 bytes. */
function shortTemporary(): string {
  return Buffer.byteLength(tmpdir()) > LONGEST_TEMPORARY ? "/tmp" : tmpdir();
}
