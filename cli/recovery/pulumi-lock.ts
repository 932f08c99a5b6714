import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backendFolder } from "../../config/stack/backend.ts";
import { readFileText } from "../../config/system-fault.ts";
import { commandLineOf } from "../ending/processes.ts";

/** How long Pulumi may take to write a lock, milliseconds. */
const WRITING = 500;
/** The same for a backend that other machines may write, over a slow network and with clocks of their own. */
const WRITING_AFAR = 60_000;
/** Where a checkout has its own backend, which this machine alone writes. */
const OWN = join(".bucketworks", "state", ".pulumi", "locks");

/** A lock of Pulumi's file backend: who holds the stack, and since when. */
export interface StackLock {
  readonly file: string;
  /** Undefined where the file is cut off or garbled, and can't say. */
  readonly pid: number | undefined;
  readonly hostname: string;
  readonly since: Date;
}

/**
 * The locks of a stack; none for a backend that isn't a folder, whose locks only its owner can judge.
 * @param backend value of PULUMI_BACKEND_URL
 */
export function stackLocks(backend: string, project: string, stack: string): StackLock[] {
  const place = backendFolder(backend);
  if (place === undefined) return [];
  const folder = join(place, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  // Pulumi reads every file of the folder, also the drafts (*.tmp) that a full disk has left.
  return readdirSync(folder).flatMap((name) => readLock(join(folder, name)) ?? []);
}

/**
 * Gives a lock that is just being written the time to become whole, or to be renamed.
 * @returns the locks of the stack after that
 */
export async function settledLocks(backend: string, project: string, stack: string): Promise<StackLock[]> {
  const locks = stackLocks(backend, project, stack);
  if (locks.every(({ pid, since }) => pid !== undefined || Date.now() - since.getTime() > WRITING)) return locks;
  await sleep(WRITING);
  return stackLocks(backend, project, stack);
}

/**
 * True where the process that took the lock can't be alive: same machine, and no pulumi has that pid. A lock that can't say
 * is one that was cut off, but where other machines write one may be just arriving.
 */
export function isDead(lock: StackLock): boolean {
  if (lock.pid === undefined) return lock.file.includes(`/${OWN}/`) || Date.now() - lock.since.getTime() > WRITING_AFAR;
  return lock.hostname === hostname() && !(commandLineOf(lock.pid)?.includes("pulumi") ?? false);
}

export function breakLock(lock: StackLock): void {
  rmSync(lock.file, { force: true });
}

/** What was done with a lock, for people. */
export function brokenText({ pid, since, file }: StackLock): string {
  return pid === undefined
    ? `lock file ${basename(file)} from ${since.toISOString()}, cut off or left over by a full disk, removed`
    : `lock of dead process ${pid} from ${since.toISOString()} broken`;
}

/** A lock cut off while it was written says nothing; its writer is dead or will say so itself. */
function readLock(file: string): StackLock | undefined {
  try {
    const written = statSync(file).mtime;
    return { file, since: written, ...holderIn(readFileText(file)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function holderIn(text: string): Omit<StackLock, "file" | "since"> & { since?: Date } {
  const unreadable = { pid: undefined, hostname: hostname() };
  try {
    const { pid, hostname: host, timestamp } = JSON.parse(text);
    const since = new Date(timestamp);
    const whole = Number.isInteger(pid) && typeof host === "string" && !Number.isNaN(since.getTime());
    return whole ? { pid, hostname: host, since } : unreadable;
  } catch {
    return unreadable;
  }
}
