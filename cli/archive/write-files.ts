import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { CommandError, EXIT } from "../ending/exit.ts";
import { writePrivateBytes } from "../local/private-files.ts";
import { writeNamedFile } from "../terminal/named-file.ts";
import type { Archive } from "./archive.ts";

/**
 * Writes the platform files and the stack's settings of an archive below a folder that is new or empty.
 * @returns their paths in it
 * @throws CommandError where the folder holds something, and where a path leads out of it
 */
export function writeFiles({ files }: Archive, folder: string): string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    const message = `rebuild: ${folder} holds something already; name a new folder, nothing was written`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const paths = Object.keys(files);
  for (const path of paths) {
    const outside = normalize(path) !== path || path.startsWith("/") || path.split("/").includes("..");
    if (!outside) continue;
    const message = `rebuild: the archive's file ${JSON.stringify(path)} would lie outside of ${folder}; nothing was written`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(folder, path);
    writeNamedFile(file, () => {
      mkdirSync(dirname(file), { recursive: true });
      writePrivateBytes(file, bytes);
    });
  }
  return paths;
}
