import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** The machine a piece is built for, for example `linux-x64`. */
export function platform(): string {
  return `${process.platform}-${process.arch}`;
}

/** A short hash of everything that decides what a piece is: the same parts always give the same key. */
export function keyOf(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex").slice(0, 12);
}

/** Names and contents of all files under a folder, sorted, as parts of a key. `node_modules` and tests don't count. */
export function folderParts(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.includes("node_modules"))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
  return files.sort().flatMap((file) => [relative(folder, file), readFileSync(file, "utf8")]);
}
