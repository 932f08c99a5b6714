import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Copies a program of this machine to a place in an image's root folder, with the shared libraries it needs and the loader. */
export function copyProgram(file: string, root: string, at: string): void {
  copy(file, join(root, at));
  for (const library of sharedLibraries(file)) copy(library, join(root, library));
}

function copy(from: string, to: string): void {
  cpSync(realpathSync(from), to);
  chmodSync(to, 0o755);
}

/** Their paths as the loader names them; none for a program that is linked statically. */
function sharedLibraries(file: string): string[] {
  const listed = execFileSync("sh", ["-c", 'ldd "$1" 2>&1 || true', "sh", realpathSync(file)], { encoding: "utf8" });
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}
