import { closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseFault } from "../database/fault.ts";
import { type Row, type Run, type Store, TABLES, Turns, type Value } from "./store.ts";

/** How long another process may hold the file, milliseconds. */
const PATIENCE = 20_000;
/** "Bwhi": tells a history from any other SQLite file. */
const APPLICATION = 0x42776869;
/** Of the tables; a later one is refused, never read by guess. */
const VERSION = 1;

/** Result codes of SQLite for a file that isn't what it was. @see https://sqlite.org/rescode.html */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** A file that is another program's, or a later version's. */
class Foreign extends Error {}

/**
 * A file of SQLite, made where there is none. What was added survives a kill: SQLite's rollback journal, which the next
 * one who opens the file plays back.
 * @param told is given a sentence where a corrupt file was set aside; it is never deleted
 * @throws DatabaseFault for a file that can't be used
 */
export function openSqlite(file: string, told: (sentence: string) => void): Store {
  try {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return storeOf(opened(file), file);
  } catch (error) {
    if (!isCorrupt(error)) throw refusal(error, file);
  }
  try {
    const aside = setAside(file);
    const store = storeOf(opened(file), file);
    if (aside !== undefined) told(`history ${file} was corrupt: it lies in ${aside} now, and a new one is begun`);
    return store;
  } catch (error) {
    throw refusal(error, file);
  }
}

/** @throws SQLite's error for a corrupt file, `Foreign` for one that isn't ours */
function opened(file: string): DatabaseSync {
  // For its owner's eyes: alerts say what is open. SQLite gives its journal the same mode.
  if (file !== ":memory:" && !existsSync(file)) closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file, { timeout: PATIENCE });
  try {
    database.exec("pragma synchronous = full");
    const check = database.prepare("pragma quick_check(1)").get() as { quick_check: string };
    if (check.quick_check !== "ok") throw Object.assign(new Error(check.quick_check), { errcode: CORRUPT });
    database.exec("begin immediate");
    prepare(database);
    database.exec("commit");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync): void {
  const number = (name: string) => Number(Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0]);
  const isEmpty = database.prepare("select 1 from sqlite_schema").get() === undefined;
  if (!isEmpty && number("application_id") !== APPLICATION) throw new Foreign("is a database of another program");
  if (number("user_version") > VERSION) throw new Foreign("was written by a later version of bucketworks");
  for (const table of TABLES) database.exec(table);
  database.exec(`pragma application_id = ${APPLICATION}`);
  database.exec(`pragma user_version = ${VERSION}`);
}

/**
 * Gives a corrupt file another name. Of several processes that find it so one does it: they wait for each other at a
 * lock that SQLite keeps, and look again.
 * @returns its new name; undefined where another process was first
 */
function setAside(file: string): string | undefined {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: PATIENCE });
  try {
    lock.exec("begin exclusive");
    try {
      opened(file).close();
      return undefined;
    } catch (error) {
      if (!isCorrupt(error)) throw error;
    }
    const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(":", "-")}`;
    // The journal first: it must not be played back into the file that comes next.
    if (existsSync(`${file}-journal`)) renameSync(`${file}-journal`, `${aside}-journal`);
    renameSync(file, aside);
    return aside;
  } finally {
    lock.close();
  }
}

function storeOf(database: DatabaseSync, file: string): Store {
  const turns = new Turns();
  const run: Run = async (sql, values = []) => {
    const named = Object.fromEntries(values.map((value, index): [string, Value] => [`$${index + 1}`, value]));
    return database.prepare(sql).all(named) as Row[];
  };
  return {
    atomically: (work) =>
      turns.take(async () => {
        try {
          database.exec("begin immediate");
          const result = await work(run);
          database.exec("commit");
          return result;
        } catch (error) {
          if (database.isTransaction) database.exec("rollback");
          throw refusal(error, file);
        }
      }),
    close: async () => database.close(),
  };
}

function isCorrupt(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && [CORRUPT, NOT_A_DATABASE].includes(errcode & 0xff);
}

function refusal(error: unknown, file: string): unknown {
  if (error instanceof Foreign) {
    return new DatabaseFault(
      "couldNotLook",
      `history ${file} ${error.message}; name another file by BUCKETWORKS_HISTORY`,
    );
  }
  const { errcode, syscall, message } = error as NodeJS.ErrnoException & { errcode?: number };
  // of SQLite, or of the system: a folder that can't be made
  if (errcode === undefined && syscall === undefined) return error;
  const fix = "see that this user may write the file and its folder, and that the disk has space, then run it again";
  return new DatabaseFault("couldNotLook", `history ${file} can't be used: ${message}; ${fix}`);
}
