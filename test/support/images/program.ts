import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Copies a program of this machine to a place in an image's root folder, with the shared libraries it needs and the loader. */
export function copyProgram(file: string, root: string, at: string): void {
  copy(file, join(root, at));
  copyLibraries([file], root);
}

/** Copies the shared libraries of the machine that programs and libraries need, to the same places. */
export function copyLibraries(files: readonly string[], root: string): void {
  for (const library of new Set(sharedLibraries(files))) {
    const at = join(root, library);
    if (!existsSync(at) && !library.startsWith(root)) copy(library, at);
  }
}

function copy(from: string, to: string): void {
  cpSync(realpathSync(from), to);
  chmodSync(to, 0o755);
}

/** Their paths as the loader names them; none for a program that is linked statically. */
function sharedLibraries(files: readonly string[]): string[] {
  const paths = files.map((file) => realpathSync(file));
  const listed = execFileSync("sh", ["-c", 'ldd "$@" 2>&1 || true', "sh", ...paths], { encoding: "utf8" });
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}
