import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const BEAT_MS = 2_000;
const SILENT_MS = 30_000;
const POLL_MS = 250;

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** Whether the lock's holder is gone: dead on this machine, or silent for half a minute (another machine, a reused pid). */
function isStale(file: string, holder: Holder): boolean {
  const silent = Date.now() - statSync(file).mtimeMs > SILENT_MS;
  return silent || (holder.host === hostname() && !isAlive(holder.pid));
}

/** Whether a process of this machine lives, any user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Whether somebody alive holds the lock. */
export function isHeld(file: string): boolean {
  try {
    const holder = readHolder(file);
    return holder !== undefined && !isStale(file, holder);
  } catch {
    return false;
  }
}

/** Takes the lock if it is free: the file appears with its holder's name in it, or not at all. */
function take(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Puts the lock of a dead holder aside. If a live one took it in between, it gets it back. */
function breakStale(file: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (isHeld(aside)) {
    try {
      linkSync(aside, file);
    } catch {
      // a third one was quicker; the piece's folder is renamed whole in any case
    }
  }
  rmSync(aside, { force: true });
}

/**
 * Runs `work` while holding a lock file; waits for another live holder, told once through `waiting`.
 * @throws whatever `work` throws, or the signal's reason when interrupted while waiting
 */
export async function withLock<T>(
  file: string,
  options: { signal: AbortSignal; waiting: (pid: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  while (!take(file)) {
    if (!isHeld(file)) {
      breakStale(file);
      continue;
    }
    if (!told) options.waiting(readHolder(file)?.pid ?? 0);
    told = true;
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}
