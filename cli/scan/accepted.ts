import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerAddress } from "../../live/server-address.ts";
import { type IgnoreEntry, parseIgnoreFile } from "../../scan/ignore.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import { managedBuckets } from "../local/stack/managed.ts";
import { counted } from "../terminal/print.ts";

/** Where findings that somebody answers for are listed, from the root of the checkout. */
export const IGNORE_FILE = join("config", "scan-ignore.yaml");

/** @throws CommandError with every fault of the file */
export function ignoreEntries(named: string | undefined): readonly IgnoreEntry[] {
  const path = named ?? join(ownRoot(), IGNORE_FILE);
  if (named === undefined && !existsSync(path)) return [];
  const parsed = parseIgnoreFile(named ?? IGNORE_FILE, readIgnores(path), new Date().toISOString().slice(0, 10));
  if (parsed.ok) return parsed.entries;
  const last = `scan: ${counted(parsed.lines.length, "fault")} in the ignore file; nothing was looked at`;
  throw new CommandError([...parsed.lines, last].join("\n"), EXIT.findings);
}

function readIgnores(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `--ignore: file ${path} can't be read (${code}); fix the path or write the file`,
      EXIT.wrongUse,
    );
  }
}

/** Buckets that the stack of this checkout made on its local server; of other servers nothing is known. */
export function releasedBuckets({ endpoint }: ServerAddress): ReadonlySet<string> {
  const checkout = checkoutAt(ownRoot());
  return new Set(readText(checkout.minio.endpoint) === endpoint ? managedBuckets(checkout) : []);
}
