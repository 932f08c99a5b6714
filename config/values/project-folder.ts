import { posix } from "node:path";

/** Folders of the project that git doesn't keep; `make clean` deletes one of them. */
const UNKEPT = [".bucketworks", ".git", "node_modules"];

/** `specs` of `./specs/`: reports name files by it. What is no text stays as it is. */
export function plainPath(given: unknown): unknown {
  return typeof given === "string" ? posix.normalize(given).replace(/(?<=.)\/$/, "") : given;
}

/**
 * What keeps a path from being a folder of files that are reviewed and kept with the project, or null. Another checkout,
 * and who reviews a change, have what the repository holds and nothing else.
 * @param path from the project's root
 */
export function projectFolderFault(path: string): string | null {
  const plain = posix.normalize(path);
  const [first = ""] = plain.split("/");
  if (/^[/~\\]|^[A-Za-z]:/.test(path) || first === "..")
    return "must be a folder in the project, from its root: another checkout and who reviews a change have no other";
  if (/^\.\/?$/.test(plain)) return "must be a folder below the project's root, where other YAML files lie";
  if (UNKEPT.includes(first)) return `must be a folder that git keeps, ${first} isn't`;
  return null;
}
