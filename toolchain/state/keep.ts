import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { named, readFileText } from "../../config/system-fault.ts";
import { Fault, isDiskFull } from "../fault.ts";
import { requireState } from "./require.ts";
import { keptCopies, type StatePlaces, timeOf } from "./state-files.ts";

/** How many copies of a stack's state are kept. */
export const KEPT = 5;
/** The engine writes the whole state after each change, beside the old one: what it needs, in sizes of the state. */
const ROOM = 6;
/** What it needs besides: locks, histories, the copies of the run before. Bytes. */
const ROOM_BESIDES = 1024 * 1024;

/**
 * Before a run of the engine: the state as it is now is copied to where nothing of that run writes.
 * @throws StateFault where there is nothing to build upon, or no room to keep it: nothing has changed
 */
export function keepState(places: StatePlaces): void {
  const text = requireState(places);
  if (text === undefined) return;
  requireRoom(places, Buffer.byteLength(text));
  const before = keptCopies(places);
  if (before[0] !== undefined && readFileText(before[0]) === text) return;
  const newest = before[0] === undefined ? 0 : timeOf(before[0]);
  // Later than every other copy, even where the clock was set back.
  const file = join(places.kept, `${Math.max(Date.now(), newest + 1)}.json`);
  try {
    mkdirSync(places.kept, { recursive: true, mode: 0o700 });
    writeWhole(file, text);
  } catch (error) {
    throw isDiskFull(error) ? noRoom(places, Buffer.byteLength(text)) : error;
  }
  for (const old of before.slice(KEPT - 1)) rmSync(old, { force: true });
}

/** Puts a file in place whole, on the disk itself; readable by its owner only. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    const handle = openSync(draft, "w", 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw named(error, path);
  }
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function requireRoom(places: StatePlaces, bytes: number): void {
  const { bavail, bsize, blocks } = statfsSync(dirname(places.file));
  // A file system that counts no blocks can't tell.
  if (blocks > 0 && bavail * bsize < needed(bytes)) throw noRoom(places, bytes);
}

function needed(bytes: number): number {
  return ROOM * bytes + ROOM_BESIDES;
}

function noRoom({ root, stack }: StatePlaces, bytes: number): Fault {
  return new Fault(
    `${join(root, ".bucketworks")}: the disk has no room for the state of stack ${stack}, which the engine writes after each change and would leave cut off; nothing was changed; free ${Math.ceil(needed(bytes) / 1e6)} MB there and run it again`,
  );
}
