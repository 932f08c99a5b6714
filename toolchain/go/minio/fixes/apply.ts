import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { EDITS, type Edit } from "./edits.ts";

/** The Go file of ours that edited code calls; its name is the same beside upstream's. */
const GUARD = "request_guard.go";

/** What `find` is and isn't: the module changed, and the edit has to be looked at again before anything is built. */
export class EditDoesNotFit extends Error {}

/** Applies edits to texts by file name. */
export function edited(text: string, edit: Edit): string {
  const parts = text.split(edit.find);
  if (parts.length !== 2)
    throw new EditDoesNotFit(
      `${edit.file}: the text that the fix of ${edit.closes.join(", ")} replaces is there ${parts.length - 1} times, not ` +
        `once, from "${edit.find.trim().split("\n")[0]}" on; the module is another than the fixes in ` +
        "toolchain/go/minio/fixes were made for, compare both",
    );
  return parts.join(edit.replace);
}

/** A short mark of all fixes; a server that has them names it in its commit id, `<commit>-fixes.<mark>`. */
export function fixesMark(fixes: string = import.meta.dirname): string {
  const hash = createHash("sha256")
    .update(JSON.stringify(EDITS))
    .update(readFileSync(join(fixes, GUARD)));
  return hash.digest("hex").slice(0, 8);
}

/** Copies a module that can't be written to, and applies the fixes to the copy. */
export function copyFixed(module: string, folder: string): void {
  cpSync(module, folder, { recursive: true });
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  for (const edit of EDITS) {
    const file = join(folder, edit.file);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    writeFileSync(file, edited(text, edit));
  }
  copyFileSync(join(import.meta.dirname, GUARD), join(folder, "cmd", GUARD));
}

// `node apply.ts MODULE FOLDER`, as images/minio/Dockerfile does: prints the mark
if (import.meta.main) {
  const [, , module = "", folder = ""] = argv;
  copyFixed(module, folder);
  process.stdout.write(`${fixesMark()}\n`);
}
