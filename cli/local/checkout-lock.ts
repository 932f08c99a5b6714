import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { named } from "../../config/system-fault.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { isAlive, markOf, type ProcessMark } from "../ending/processes.ts";
import { stopIfInterrupted } from "../ending/signals.ts";
import { makePrivateFolder, readRecord } from "./private-files.ts";

interface Holder extends ProcessMark {
  /** The command that holds the lock, for people. */
  readonly command: string;
}

export interface LockOptions {
  /** Milliseconds to wait for another command to finish. @default ten minutes */
  readonly patience?: number;
  /** Told once, when there is somebody to wait for. */
  readonly onWait?: (text: string) => void;
}

/**
 * Runs `work` while no other command of this checkout starts, stops or changes things. Another one is waited for;
 * the lock of a process that is dead (compared by start time, not by pid alone) counts as none.
 * @throws CommandError when the other command is still at it after the patience
 */
export async function withLock<T>(
  checkout: Checkout,
  command: string,
  work: () => Promise<T>,
  { patience = 600_000, onWait }: LockOptions = {},
): Promise<T> {
  makePrivateFolder(checkout.home);
  const deadline = Date.now() + patience;
  let told = false;
  for (let holder = take(checkout, command); holder !== undefined; holder = take(checkout, command)) {
    const who = `bucketworks ${holder.command} (pid ${holder.pid}) is at work in this checkout`;
    if (Date.now() > deadline) {
      throw new CommandError(
        `${relative(checkout.root, checkout.lock)}: ${who}; wait for it to end or end it, then try again`,
        EXIT.couldNotLook,
      );
    }
    if (!told) onWait?.(`${who}; waiting for it`);
    told = true;
    await sleep(100);
  }
  const release = (): void => rmSync(checkout.lock, { force: true });
  process.once("exit", release);
  try {
    stopIfInterrupted();
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** Takes the lock, or tells who has it. The file appears whole: it is linked into place. */
function take(checkout: Checkout, command: string): Holder | undefined {
  const draft = `${checkout.lock}.${process.pid}`;
  try {
    writeFileSync(draft, JSON.stringify({ ...markOf(process.pid), command }), { mode: 0o600 });
    linkSync(draft, checkout.lock);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw named(error, checkout.lock);
  } finally {
    rmSync(draft, { force: true });
  }
  const holder = readHolder(checkout.lock);
  if (holder !== undefined && isAlive(holder)) return holder;
  breakLock(checkout, holder);
  return take(checkout, command);
}

/** Moves a dead process's lock away; should a live one have taken its place meanwhile, that is put back. */
function breakLock(checkout: Checkout, dead: Holder | undefined): void {
  const away = `${checkout.lock}.dead.${process.pid}`;
  try {
    renameSync(checkout.lock, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = readHolder(away);
  try {
    if (moved !== undefined && moved.started !== dead?.started && isAlive(moved)) linkSync(away, checkout.lock);
  } finally {
    rmSync(away, { force: true });
  }
}

function readHolder(path: string): Holder | undefined {
  return readRecord(path) as Holder | undefined;
}
