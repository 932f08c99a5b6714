import { relative } from "node:path";

/** A path as people in this folder write it; one elsewhere stays as it is. */
export function fromHere(path: string): string {
  const near = relative(process.cwd(), path);
  if (near === "") return ".";
  return near.startsWith("..") ? path : near;
}
