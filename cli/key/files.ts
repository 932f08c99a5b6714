import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, EXIT } from "../exit.ts";
import type { Checkout } from "../local/checkout.ts";
import { makePrivateFolder, writePrivate } from "../local/private-files.ts";
import { FORMATS, type Format, type Key } from "./formats.ts";

/** Name of the file of a key; identities may have names that no file has. */
export function keyFileName(identity: string, format: Format): string {
  return `${encodeURIComponent(identity)}${FORMATS[format].ending}`;
}

/** Writes a key to its place in the checkout, over the one of before. @returns the file */
export function keepKey({ home, keys }: Checkout, key: Key, format: Format): string {
  const file = join(keys, keyFileName(key.identity, format));
  try {
    makePrivateFolder(home);
    makePrivateFolder(keys);
    writePrivate(file, FORMATS[format].text(key));
  } catch (error) {
    throw cantWrite(file, error);
  }
  return file;
}

/** Writes a new file that nobody else can read. Never over one that exists: it may hold others' profiles, or a mode that lets them read. */
export function writeNewKey(file: string, key: Key, format: Format): void {
  try {
    writeFileSync(file, FORMATS[format].text(key), { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw cantWrite(file, error);
  }
}

/**
 * Writes each key to a new file in `folder`, which is made where it isn't there.
 * @returns the files
 * @throws CommandError before the first is written where one of them exists
 */
export function writeAllKeys(folder: string, keys: readonly Key[], format: Format): string[] {
  const files = keys.map((key) => [join(folder, keyFileName(key.identity, format)), key] as const);
  const there = files.map(([file]) => file).filter((file) => existsSync(file));
  if (there.length > 0) {
    throw new CommandError(
      `key show: nothing was written, there are already ${there.join(", ")}; remove them or choose another folder`,
      EXIT.wrongUse,
    );
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cantWrite(folder, error);
  }
  for (const [file, key] of files) writeNewKey(file, key, format);
  return files.map(([file]) => file);
}

function cantWrite(file: string, error: unknown): CommandError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") {
    return new CommandError(`key show: ${file} exists; remove it or choose another name`, EXIT.wrongUse);
  }
  return new CommandError(`key show: ${file} can't be written (${code})`, EXIT.wrongUse);
}
