import { chmodSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { named, readFileText } from "../../config/system-fault.ts";

/** Reads a text file without its trailing line end; undefined when it isn't there or empty. */
export function readText(path: string): string | undefined {
  return readWhole(path)?.trim() || undefined;
}

/** Reads a text file as it is; undefined only when it isn't there. */
export function readWhole(path: string): string | undefined {
  try {
    return readFileText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Reads a record of ours; undefined where it isn't there or garbled, which counts as none.
 * @throws where it is there and may not be read: it may well say something
 */
export function readRecord(path: string): unknown {
  const text = readText(path) ?? "null";
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Puts a file in place whole (never half-written), readable by its owner only. A draft that can't be finished is removed. */
export function writePrivate(path: string, text: string): void {
  writePrivateBytes(path, text.endsWith("\n") ? text : `${text}\n`);
}

/** As `writePrivate`, of a file that is no text, or of text as it is. */
export function writePrivateBytes(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, content, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw named(error, path);
  }
}

/** Makes a folder, and takes it from others where it was open to them. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  closeToOthers(path, 0o700);
}

/** Takes a file or folder from group and others; true when it was open to them. */
export function closeToOthers(path: string, mode: number): boolean {
  if ((statSync(path).mode & 0o077) === 0) return false;
  chmodSync(path, mode);
  return true;
}
