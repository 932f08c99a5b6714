import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/**
 * How far a log was read. It is known again by its beginning, not by its name: a log that was moved away, or copied and
 * emptied, goes on where it is now.
 */
export interface Position {
  /** Bytes of the beginning, and their SHA-256. */
  readonly size: number;
  readonly digest: string;
  /** Bytes that were read, all of them whole lines. */
  readonly offset: number;
}

/** By the path of the log, one for it and one for what was moved away from it. */
export type Positions = Readonly<Record<string, readonly Position[]>>;

/** What was read of one log, and where that leads. */
interface Read {
  readonly lines: readonly string[];
  readonly positions: readonly Position[];
  /** Bytes that are left. */
  readonly left: number;
  /** What was read last is in none of its files any more: lines that were added to it may be lost. */
  readonly isGap: boolean;
}

/** Bytes of a beginning that tell one log from another. */
const HEAD = 4096;
/** Bytes that are read at once: a longer line comes in pieces. */
const CHUNK = 1024 * 1024;

/** Whole lines that were added to a log, at most a chunk of each of its files: what was moved away comes first. */
export function readAdded(path: string, positions: readonly Position[]): Read {
  const [moved, own] = [readFile(`${path}.1`, positions), readFile(path, positions)];
  // For a moment both are the same: copied, and not emptied yet.
  const isCopy = moved.before !== undefined && moved.before === own.before;
  const files = isCopy ? [own] : [moved, own];
  const last = positions.at(-1);
  return {
    lines: files.flatMap(({ lines }) => lines),
    positions: files.flatMap(({ position }) => (position === undefined ? [] : [position])),
    left: files.reduce((sum, { left }) => sum + left, 0),
    isGap: last !== undefined && ![moved, own].some(({ known }) => known.includes(last)),
  };
}

interface ReadFile {
  readonly lines: readonly string[];
  /** How far it was read before, and is now. */
  readonly before: Position | undefined;
  /** All that its beginning fits. */
  readonly known: readonly Position[];
  readonly position: Position | undefined;
  readonly left: number;
}

function readFile(path: string, positions: readonly Position[]): ReadFile {
  const file = opened(path);
  if (file === undefined) return { lines: [], before: undefined, known: [], position: undefined, left: 0 };
  try {
    const { size } = fstatSync(file);
    const head = bytes(file, 0, Math.min(size, HEAD));
    const known = positions.filter((each) => each.offset <= size && digestOf(head, each.size) === each.digest);
    const before = known.toSorted((a, b) => b.size - a.size)[0];
    const from = before?.offset ?? 0;
    const chunk = bytes(file, from, Math.min(size - from, CHUNK));
    const end = chunk.lastIndexOf("\n") + 1;
    // A piece of a line that is longer than a chunk.
    const taken = end === 0 && chunk.length === CHUNK ? CHUNK : end;
    if (taken === 0) return { lines: [], before, known, position: before, left: 0 };
    const offset = from + taken;
    const begun = Math.min(offset, HEAD);
    const lines = chunk.toString("utf8", 0, taken).split("\n");
    return {
      lines: lines.filter((line) => line.trim() !== ""),
      before,
      known,
      position: { size: begun, digest: digestOf(head, begun), offset },
      left: size - offset,
    };
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function bytes(file: number, from: number, count: number): Buffer {
  const buffer = Buffer.alloc(count);
  return buffer.subarray(0, readSync(file, buffer, 0, count, from));
}

function digestOf(head: Buffer, size: number): string {
  return createHash("sha256").update(head.subarray(0, size)).digest("hex");
}
