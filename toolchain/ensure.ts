import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isHeld, withLock } from "./cache/cache-lock.ts";
import { inspect, settle } from "./cache/entry.ts";
import { Fault, isDiskFull } from "./fault.ts";
import type { Piece } from "./pieces/piece.ts";
import { diskFull } from "./process.ts";

/** The cache and what all pieces share. */
export interface Cache {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Reads every file instead of trusting sizes and dates. */
  readonly thorough: boolean;
  readonly say: (line: string) => void;
}

const DAMAGE_SHOWN = new Set<string>();

/** The name of a piece's folder in the cache. */
function entryName(piece: Piece): string {
  return `${piece.name}-${piece.version}-${piece.key}`;
}

/** Answers the folder of a whole piece: the cached one, or one built now. Two builds at once give one. */
export async function ensure(piece: Piece, cache: Cache): Promise<string> {
  const folder = join(cache.folder, entryName(piece));
  if (await isWhole(piece, folder, cache)) return folder;
  mkdirSync(cache.folder, { recursive: true });
  const waiting = (pid: number) => cache.say(`${piece.name}: process ${pid} is building it, waiting`);
  await withLock(`${folder}.lock`, { signal: cache.signal, waiting }, async () => {
    if (!(await isWhole(piece, folder, cache))) await build(piece, folder, cache);
  });
  return folder;
}

async function isWhole(piece: Piece, folder: string, cache: Cache): Promise<boolean> {
  const state = await inspect(folder, cache.thorough);
  if (state.kind === "damaged" && !DAMAGE_SHOWN.has(folder)) {
    DAMAGE_SHOWN.add(folder);
    cache.say(`${piece.name}: ${folder} is damaged (${state.reason}), making it again`);
  }
  return state.kind === "whole";
}

/** Fills a temporary sibling and renames it whole; whatever goes wrong, the sibling is removed. */
async function build(piece: Piece, folder: string, cache: Cache): Promise<void> {
  sweep(cache.folder, entryName(piece));
  const temporary = `${folder}.tmp-${process.pid}`;
  const filled = join(temporary, "files");
  const scratch = join(temporary, "scratch");
  const started = Date.now();
  try {
    mkdirSync(filled, { recursive: true });
    mkdirSync(scratch);
    cache.say(`${piece.name}: making ${piece.version}`);
    const say = (line: string) => cache.say(`${piece.name}: ${line}`);
    const source = await piece.fill(filled, { signal: cache.signal, scratch, say });
    const seconds = Math.round((Date.now() - started) / 100) / 10;
    if (existsSync(folder)) renameSync(folder, join(temporary, "damaged"));
    await settle(filled, folder, source, seconds);
    cache.say(`${piece.name}: done in ${seconds} s (${source})`);
  } catch (error) {
    throw isDiskFull(error) && !(error instanceof Fault) ? new Fault(diskFull(piece.name)) : error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Removes the temporary folders of builds that died: those whose lock nobody alive holds, or we do. */
function sweep(cache: string, own: string): void {
  for (const name of readdirSync(cache)) {
    const entry = /^(.*)\.tmp-\d+$/.exec(name)?.[1];
    if (entry === undefined) continue;
    if (entry === own || !isHeld(join(cache, `${entry}.lock`)))
      rmSync(join(cache, name), { recursive: true, force: true });
  }
}
