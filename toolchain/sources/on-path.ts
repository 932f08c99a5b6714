import { closeSync, copyFileSync, existsSync, openSync, readSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Unavailable } from "../fault.ts";

const OWN = join(".bucketworks", "toolchain", "bin");

/** A program on PATH, by its real file; wrapper scripts and our own folder don't count. */
export function findOnPath(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  return filesOnPath(name, path)
    .map((file) => realpathSync(file))
    .find((real) => !isScript(real));
}

/** All files of this name on PATH, scripts as well; our own folder doesn't count. */
export function filesOnPath(name: string, path: string = process.env.PATH ?? ""): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.endsWith(OWN))
    .map((folder) => join(folder, name))
    .filter((file) => existsSync(file));
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, "r");
  readSync(descriptor, start, 0, 2, 0);
  closeSync(descriptor);
  return start.toString("latin1") === "#!";
}

/** Copies a program that is there already, so that a later upgrade of it changes nothing here. */
export function copyTool(file: string, folder: string, name: string): void {
  copyFileSync(file, join(folder, name));
}

/**
 * Copies the program on PATH if it is of this version.
 * @param versionOf what a file says that it is
 * @throws Unavailable where there is none, or another
 */
export async function copyVersion(
  name: string,
  version: string,
  folder: string,
  versionOf: (file: string) => Promise<string>,
): Promise<void> {
  const file = findOnPath(name);
  if (file === undefined) throw new Unavailable("none on PATH");
  const found = await versionOf(file);
  if (found !== version) throw new Unavailable(`the one on PATH is ${found}`);
  copyTool(file, folder, name);
}

/** What a binary of MinIO or Silo names in `--version`, or undefined: Midnight Commander is called `mc` too. */
export function namedRelease(output: string): { release: string; commit: string } | undefined {
  const [, release, commit = ""] =
    /^(?:minio|silo|mc|mcli) version (RELEASE\.[0-9T-]+Z)(?: \(commit-id=(\S*)\))?/m.exec(output) ?? [];
  return release === undefined ? undefined : { release, commit };
}
