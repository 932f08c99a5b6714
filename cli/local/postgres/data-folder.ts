import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseFault } from "../../../database/fault.ts";
import { markOf } from "../../ending/processes.ts";
import { readText } from "../private-files.ts";
import { allProcesses } from "../service/running.ts";
import { postgresOn, UNFINISHED } from "./processes.ts";

/** Written into a data folder when initdb has finished; PostgreSQL leaves files that it doesn't know alone. */
const FINISHED = "bucketworks.initdb-finished";
/** Written by a server that ran: its folder was whole once. */
const SERVED = "postmaster.opts";
const CONTROL = join("global", "pg_control");
/** Databases that somebody made have this number and those above it; initdb's own have smaller ones. */
const FIRST_OF_USERS = 16_384;

/**
 * What a data folder is: `absent`; `whole`; `half` where an initdb was ended in the middle and nobody can have kept
 * anything in it yet; `damaged` where it lacks what it needs, but may hold somebody's rows.
 */
export type DataFolder = "absent" | "whole" | "half" | "damaged";

/** Judges a data folder by its files; reads nothing of what databases hold. */
export function judgeDataFolder(data: string): DataFolder {
  if (!existsSync(data) || readdirSync(data).length === 0) return "absent";
  const served = existsSync(join(data, SERVED)) || existsSync(join(data, FINISHED)) || holdsDatabases(data);
  if (!served) return "half";
  return existsSync(join(data, CONTROL)) && readText(join(data, "PG_VERSION")) !== undefined ? "whole" : "damaged";
}

/**
 * Has a whole data folder. It is made beside its place and renamed when initdb has finished, so that an end in the middle
 * leaves none; what such an end has left is removed.
 * @param initdb fills the folder at the path that it is given
 * @throws DatabaseFault where the folder is damaged: nothing is written to it
 */
export function ensureDataFolder(data: string, initdb: (folder: string) => void): void {
  const found = judgeDataFolder(data);
  sweep(data);
  if (found === "whole") return;
  if (found === "damaged") {
    throw new DatabaseFault(
      "couldNotLook",
      `${data}: files that PostgreSQL needs are missing (${CONTROL} or PG_VERSION), and databases may be left in it, so nothing was written; put the folder back from a backup, or move it away to begin with empty databases`,
    );
  }
  rmSync(data, { recursive: true, force: true });
  const making = `${data}${UNFINISHED}${process.pid}`;
  initdb(making);
  writeFileSync(join(making, FINISHED), "", { mode: 0o600 });
  for (const path of [join(making, FINISHED), making]) settle(path);
  renameSync(making, data);
  settle(dirname(data));
}

/**
 * Removes lock files of a server that is gone, where its process id belongs to another program by now (after the machine
 * started again): PostgreSQL would take that program for itself. The files of a dead process it judges by itself.
 * @param sockets folder of its socket
 */
export function clearStaleLocks(data: string, sockets: string): void {
  if (postgresOn(data, allProcesses()).length > 0) return;
  const beside = existsSync(sockets) ? readdirSync(sockets).filter((name) => /^\.s\.PGSQL\.\d+\.lock$/.test(name)) : [];
  for (const file of [join(data, "postmaster.pid"), ...beside.map((name) => join(sockets, name))]) {
    const pid = Number(readText(file)?.split("\n")[0]);
    if (Number.isInteger(pid) && markOf(pid) === undefined) continue;
    rmSync(file, { force: true });
  }
}

/** What an initdb that was killed had begun. The caller has ended every process on it. */
function sweep(data: string): void {
  const folder = dirname(data);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(data)}${UNFINISHED}`)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function holdsDatabases(data: string): boolean {
  const base = join(data, "base");
  return existsSync(base) && readdirSync(base).some((name) => Number(name) >= FIRST_OF_USERS);
}

/** Brings a file or folder to the disk itself, so that it outlasts a loss of power. */
function settle(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
