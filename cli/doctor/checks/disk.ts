import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { type Place, right, type Seen, wrong } from "../finding.ts";

/** A state, its copies and the bundles of a checkout take less; with no more left an update may end in the middle. */
const LEAST = 256 * 1024 ** 2;

/** The disk that holds the state, the secrets and the data of this checkout. */
export async function lookAtDisk({ root }: Place): Promise<Seen[]> {
  const own = join(root, ".bucketworks");
  const { bavail, bsize, files, ffree } = statfsSync(existsSync(own) ? own : root);
  const free = bavail * bsize;
  const shown = `${Math.floor(free / 1024 ** 2)} MiB free for ${own}`;
  if (free < LEAST) return [wrong(shown, "free some space: a state is written whole or not at all, and needs room")];
  if (files > 0 && ffree === 0) return [wrong(`${shown}, but no more files can be made (inodes)`, "remove files")];
  return [right(shown)];
}
