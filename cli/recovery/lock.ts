import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { commandLineOf } from "../local/processes.ts";

/** A lock of Pulumi's file backend: who holds the stack, and since when. */
export interface StackLock {
  readonly file: string;
  readonly pid: number;
  readonly hostname: string;
  readonly since: Date;
}

/**
 * The locks of a stack; none for a backend that isn't a folder, whose locks only its owner can judge.
 * @param backend value of PULUMI_BACKEND_URL
 */
export function stackLocks(backend: string, project: string, stack: string): StackLock[] {
  if (!backend.startsWith("file://")) return [];
  const folder = join(backendFolder(backend), ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => readLock(join(folder, name)));
}

/** True where the process that took the lock can't be alive: same machine, and no pulumi has that pid. */
export function isDead(lock: StackLock): boolean {
  return lock.hostname === hostname() && !(commandLineOf(lock.pid)?.includes("pulumi") ?? false);
}

export function breakLock(lock: StackLock): void {
  rmSync(lock.file, { force: true });
}

function backendFolder(backend: string): string {
  return backend.slice("file://".length).replace(/\?.*$/, "");
}

/** A lock cut off while it was written holds nothing; its writer is dead or will say so itself. */
function readLock(file: string): StackLock {
  const text = readFileSync(file, "utf8");
  const { pid = 0, hostname: host = hostname(), timestamp = 0 } = text === "" ? {} : JSON.parse(text);
  return { file, pid: Number(pid), hostname: String(host), since: new Date(timestamp) };
}
