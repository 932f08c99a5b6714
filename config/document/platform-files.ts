import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SpecIssue } from "../issues.ts";
import { fileRefusal } from "../system-fault.ts";
import { nearest } from "../values/nearest.ts";
import { loadSpec, MAX_FILE_BYTES, platformName, type SpecDocument, wholeFile } from "./load.ts";

/** Files by name, or every `.yaml` and `.yml` of a folder. */
export type SpecFiles = { readonly files: readonly string[] } | { readonly dir: string };

export interface LoadedPlatforms {
  /** Sorted by platform. */
  readonly documents: readonly SpecDocument[];
  readonly issues: readonly SpecIssue[];
}

/**
 * Reads platform files: the only place of `config/` that touches the disk.
 * @param platforms names to read; null reads all. A name without a file is an issue.
 */
export function loadPlatforms(from: SpecFiles, platforms: readonly string[] | null = null): LoadedPlatforms {
  const issues: SpecIssue[] = [];
  const files = "files" in from ? [...new Set(from.files)] : specFilesIn(from.dir, issues);
  const names = files.map(platformName);
  for (const wanted of platforms ?? []) {
    if (names.includes(wanted)) continue;
    const near = nearest(wanted, names);
    const message = `platform ${JSON.stringify(wanted)} has no file, there are ${[...names].sort().join(", ") || "none"}`;
    const fix = near === null ? "fix the name, or add the file" : `did you mean ${near}?`;
    issues.push(wholeFile("dir" in from ? from.dir : "platforms", "unknown-platform", message, fix));
  }
  const documents: SpecDocument[] = [];
  const seen = new Map<string, string>();
  for (const file of files.sort(byPlatform)) {
    const platform = platformName(file);
    if (platforms !== null && !platforms.includes(platform)) continue;
    const before = seen.get(platform);
    if (before !== undefined) {
      const message = `platform ${JSON.stringify(platform)} is ${before} already`;
      issues.push(wholeFile(file, "duplicate-platform", message, "rename one of the two files"));
      continue;
    }
    seen.set(platform, file);
    const loaded = readSpec(file);
    issues.push(...loaded.issues);
    if (loaded.document !== null) documents.push(loaded.document);
  }
  return { documents, issues };
}

/** Text of a platform's file in a folder, whichever of its two extensions it has. */
export function platformText(dir: string, platform: string): string {
  const file = specFilesIn(dir, []).find((each) => platformName(each) === platform);
  if (file === undefined) throw new Error(`${dir} has no file of platform ${platform}; add ${platform}.yaml`);
  return readFileSync(file, "utf8");
}

function readSpec(file: string): ReturnType<typeof loadSpec> {
  try {
    const { size } = statSync(file);
    // a file far too large is not read to the end
    return loadSpec(file, size > MAX_FILE_BYTES ? new Uint8Array(size) : readFileSync(file));
  } catch (error) {
    return { document: null, issues: [unreadable(file, error)] };
  }
}

function specFilesIn(dir: string, issues: SpecIssue[]): string[] {
  try {
    const names = readdirSync(dir).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith("."));
    // an empty platform would be a stack without buckets, which nobody asks for by an empty folder
    if (names.length === 0) issues.push(wholeFile(dir, "unreadable-file", "holds no .yaml file", FIX_FOLDER));
    return names.map((name) => join(dir, name));
  } catch (error) {
    const { fix, ...issue } = unreadable(dir, error);
    const wrong = issue.code === "unreadable-file";
    issues.push({
      ...issue,
      message: issue.message.replace("no such file", "no such folder"),
      fix: wrong ? FIX_FOLDER : fix,
    });
    return [];
  }
}

const FIX_FOLDER =
  "bucketworks init NAME writes a first platform into it; for another folder set bucketworks:platformsDir of the stack";

/** What a wrong path is; everything else is the system's refusal. */
const WRONG_PATHS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a folder, not a file",
  ENOTDIR: "is not a folder",
};

function unreadable(file: string, error: unknown): SpecIssue {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const wrong = WRONG_PATHS[code];
  if (wrong !== undefined) return wholeFile(file, "unreadable-file", `can't be read: ${wrong}`, pathFix(file, code));
  const { reason, cure } = fileRefusal(code, file);
  return wholeFile(file, "refused-file", `can't be read: ${reason}`, cure);
}

/** A word without a dot or a slash is more likely the name of a bucket or a platform than a file that isn't there. */
function pathFix(file: string, code: string): string {
  if (code !== "ENOENT" || /[./]/.test(file)) return "fix the path";
  return "give the path of a platform file; commands that can work on one bucket or platform take its name by --bucket or --platform";
}

function byPlatform(a: string, b: string): number {
  const [left, right] = [platformName(a), platformName(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
