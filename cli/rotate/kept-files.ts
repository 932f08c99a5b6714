import { relative } from "node:path";
import type { Checksums } from "../../builders/key-variables.ts";
import { declaredBackup } from "../../builders/postgres/declared-backup.ts";
import type { Platform } from "../../config/model.ts";
import { checkoutAt } from "../checkout.ts";
import { keepKey, keptFile } from "../key/files.ts";
import { FORMATS, type Format, type Key } from "../key/formats.ts";
import { refreshBackupKey } from "../local/postgres/archive.ts";
import { readWhole } from "../local/private-files.ts";
import { STACK } from "../local/stack/name.ts";

/**
 * Writes the new key over the files that `key show` has written for it in the checkout, each in its form.
 * @returns the files, from the root
 */
export function refreshKeptFiles(root: string, stack: string, key: Key): string[] {
  const checkout = checkoutAt(root);
  return (Object.keys(FORMATS) as Format[]).flatMap((format) => {
    const before = readWhole(keptFile(checkout, stack, key.identity, format));
    if (before === undefined) return [];
    return relative(root, keepKey(checkout, stack, { ...key, ...asBefore(before, format) }, format));
  });
}

/**
 * Writes the new key over the one with which the PostgreSQL of this machine archives its log, where it is that one.
 * @returns the file, from the root
 */
export function refreshArchiveKey(root: string, stack: string, key: Key, platforms: readonly Platform[]): string[] {
  if (stack !== STACK || declaredBackup(platforms)?.serviceAccount !== key.identity) return [];
  const file = refreshBackupKey(checkoutAt(root), key);
  return file === undefined ? [] : [relative(root, file)];
}

/** What the file was asked to say beside the key. */
function asBefore(text: string, format: Format): Pick<Key, "bucket"> & { readonly checksums?: Checksums } {
  return {
    ...(format === "minio" && { bucket: bucketIn(text) }),
    ...(/\bwhen_required\b/i.test(text) && FORMATS[format].checksums && { checksums: "when_required" }),
  };
}

function bucketIn(text: string): string | undefined {
  try {
    const { bucket } = JSON.parse(text) as { bucket?: unknown };
    return typeof bucket === "string" ? bucket : undefined;
  } catch {
    return undefined;
  }
}
