import { readFileSync } from "node:fs";
import { named } from "../../config/system-fault.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

const LEADS_NOWHERE = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EEXIST"]);

/**
 * Reads a file that the command line names.
 * @param cure for a path that leads nowhere
 * @throws CommandError for such a path, which is wrong use
 * @throws what the system refuses, naming the file
 */
export function readNamedFile(file: string, cure: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw aboutNamed(error, file, "read", cure);
  }
}

/** As `readNamedFile`, of a file that is no text. */
export function readNamedBytes(file: string, cure: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw aboutNamed(error, file, "read", cure);
  }
}

/** As `readNamedFile`, of a file that is written. */
export function writeNamedFile(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw aboutNamed(error, file, "written", "name another file");
  }
}

function aboutNamed(error: unknown, file: string, done: string, cure: string): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (!LEADS_NOWHERE.has(code)) return named(error, file);
  return new CommandError(`${file} can't be ${done} (${code}); ${cure}`, EXIT.wrongUse);
}
