import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { barmanSentence } from "../../database/backup/barman-fault.ts";
import { type Catalogue, readCatalogue } from "../../database/backup/catalog.ts";
import {
  BARMAN,
  type BackupPlace,
  barmanEnvironment,
  storeArguments,
  storeOptions,
} from "../../database/backup/place.ts";
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
