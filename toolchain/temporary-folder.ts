import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./cache/cache-lock.ts";

/**
 * Makes a private folder whose name tells which process it is for, and takes away those of processes that were killed.
 * @param parent where, for example the system's folder for temporary files
 * @param prefix begins the name; ends in a dash
 * @returns its path; the caller removes it
 */
export function temporaryFolder(parent: string, prefix: string): string {
  for (const name of readdirSync(parent)) {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)-/.exec(name.slice(prefix.length)) ?? []) : [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // another user's
    }
  }
  return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
}
