import { join } from "node:path";
import { Fault, Unavailable } from "../fault.ts";
import { type ReleasePin, releaseTag } from "../pins.ts";
import { copyFromImage } from "../sources/docker.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo } from "../sources/go.ts";
import { copyTool, findOnPath } from "../sources/on-path.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";
import { releaseOf, releaseStamps } from "./releases.ts";

const NAME = "mc";

/** MinIO's client: one on PATH, out of the last public image, or built from the Go module. */
export function mc(recipe: Recipe): Piece {
  const pin = recipe.pins.mc;
  const { mcImage } = recipe.pins;
  return {
    name: NAME,
    version: releaseTag(pin.version).tag,
    key: goKey(recipe, NAME, pin, [pin.oldestOnPath, mcImage]),
    fill: async (folder, work) => {
      const build = {
        folder: join(recipe.toolchain, "go", NAME),
        target: pin.module,
        stamps: releaseStamps(pin),
        output: join(folder, NAME),
      };
      const source = await firstOf(
        [
          { name: "found on PATH", kind: "official", fill: () => fromPath(pin, folder, work) },
          { name: "from the image", kind: "official", fill: () => copyFromImage(mcImage, NAME, folder, work) },
          { name: "built from its Go module", kind: "build", fill: () => buildGo(build, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      if (!(await releaseOf(join(folder, NAME), work)))
        throw new Fault(`${NAME}: the one ${source} does not run on this machine`);
      return source;
    },
  };
}

async function fromPath(pin: ReleasePin, folder: string, work: Work): Promise<void> {
  const file = findOnPath(NAME);
  const found = file === undefined ? undefined : await releaseOf(file, work);
  if (!file || !found) throw new Unavailable("none on PATH");
  // release tags sort by date
  if (found.release < pin.oldestOnPath)
    throw new Unavailable(`the one on PATH is ${found.release}, older than ${pin.oldestOnPath}`);
  copyTool(file, folder, NAME);
}
