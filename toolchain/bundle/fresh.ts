import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What is bundled, by the name of its folder's record. */
export type Part = "program" | "provider" | "cli";

/** Size in bytes, time of the last change in milliseconds (ctime, which nobody can set back), SHA-256 in hex. */
export type FileMark = readonly [size: number, changed: number, digest: string];

/** Written when a bundle is whole. */
export interface BundleRecord {
  /** Path of its folder, from the checkout. */
  readonly folder: string;
  /** What it was made of, and what came out: paths from the checkout. */
  readonly files: Readonly<Record<string, FileMark>>;
}

export const ROOT = join(import.meta.dirname, "..", "..");
/** Below the checkout. */
export const BUNDLES = ".bucketworks/bundle";

/**
 * The folder of a part's bundle, where it is whole and made of the sources as they are now; undefined sends to the sources.
 * So does BUCKETWORKS_SOURCES, and a debugger: its breakpoints are in the sources.
 */
export function freshBundle(part: Part): string | undefined {
  if (process.env.BUCKETWORKS_SOURCES || isDebugged()) return undefined;
  try {
    const record = JSON.parse(readFileSync(join(ROOT, BUNDLES, `${part}.json`), "utf8")) as BundleRecord;
    return Object.entries(record.files).every(([file, mark]) => isSame(join(ROOT, file), mark))
      ? join(ROOT, record.folder)
      : undefined;
  } catch {
    // None was made, its record is no JSON, or one of its files is gone.
    return undefined;
  }
}

/** A file that was only touched, by a checkout of another branch and back for example, is the same. */
function isSame(path: string, [size, changed, digest]: FileMark): boolean {
  const found = statSync(path);
  return found.size === size && (found.ctimeMs === changed || digestOf(readFileSync(path)) === digest);
}

export function digestOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function isDebugged(): boolean {
  return /--inspect/.test(`${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`);
}
