import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { named } from "../../config/system-fault.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { makePrivateFolder, writePrivate } from "../local/private-files.ts";
import { FORMATS, type Format, type Key } from "./formats.ts";

/** Name of the file of a key; identities may have names that no file has. */
export function keyFileName(identity: string, format: Format): string {
  return `${encodeURIComponent(identity)}${FORMATS[format].ending}`;
}

/** Folder of the keys of one stack in the checkout: dev's is the folder itself, each other stack has one in it. */
function keysFolder({ keys }: Pick<Checkout, "keys">, stack: string): string {
  if (stack === "dev") return keys;
  return join(keys, /^\.+$/.test(stack) ? stack.replaceAll(".", "%2E") : encodeURIComponent(stack));
}

/** Where the key of an identity lies in the checkout, once it was handed over in that form. */
export function keptFile(checkout: Pick<Checkout, "keys">, stack: string, identity: string, format: Format): string {
  return join(keysFolder(checkout, stack), keyFileName(identity, format));
}

/**
 * Writes a key to its stack's place in the checkout, over the one of before.
 * @returns the file
 * @throws errors of the system as they are
 */
export function keepKey(checkout: Checkout, stack: string, key: Key, format: Format): string {
  const folder = keysFolder(checkout, stack);
  for (const each of new Set([checkout.home, checkout.keys, folder])) makePrivateFolder(each);
  const file = keptFile(checkout, stack, key.identity, format);
  writePrivate(file, FORMATS[format].text(key));
  return file;
}

/**
 * Writes a new file that nobody else can read. Never over one that exists: it may hold others' profiles, or a mode that
 * lets them read. A file that can't be finished is removed.
 * @throws CommandError where it exists; other errors of the system as they are
 */
export function writeNewKey(file: string, key: Key, format: Format): void {
  const made = newly(file, () => openSync(file, "wx", 0o600));
  try {
    try {
      writeFileSync(made, FORMATS[format].text(key));
    } finally {
      closeSync(made);
    }
  } catch (error) {
    rmSync(file, { force: true });
    throw named(error, file);
  }
}

/**
 * Writes each key to a new file in `folder`, which is made where it isn't there. Where one fails none is left.
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
  newly(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  const written: string[] = [];
  try {
    for (const [file, key] of files) {
      writeNewKey(file, key, format);
      written.push(file);
    }
  } catch (error) {
    for (const file of written) rmSync(file, { force: true });
    throw error;
  }
  return written;
}

/** What stands in the way of a new file is the user's to name; what else the system refuses is said at the edge. */
function newly<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CommandError(`key: ${path} exists; remove it or choose another name`, EXIT.wrongUse);
  }
}
