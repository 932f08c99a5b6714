import { join } from "node:path";
import { Fault, Unavailable } from "../fault.ts";
import { type ReleasePin, releaseTag } from "../pins.ts";
import { run } from "../process.ts";
import { copyFromImage } from "../sources/docker.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo } from "../sources/go.ts";
import { copyTool, findOnPath, minioRelease } from "../sources/on-path.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

/** The MinIO server (`minio`) or its client (`mc`): one on PATH, out of the last public image, or built from the Go module. */
export function minioBinary(name: "minio" | "mc", recipe: Recipe): Piece {
  const pin = recipe.pins[name];
  const { minioImage } = recipe.pins;
  return {
    name,
    version: releaseTag(pin.version).tag,
    key: goKey(recipe, name, pin, [pin.oldestOnPath, minioImage]),
    fill: async (folder, work) => {
      const source = await firstOf(
        [
          { name: "found on PATH", kind: "official", fill: () => fromPath(name, pin, folder, work) },
          { name: "from the image", kind: "official", fill: () => copyFromImage(minioImage, name, folder, work) },
          { name: "built from its Go module", kind: "build", fill: () => fromModule(name, pin, recipe, folder, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      if (!(await release(join(folder, name), work)))
        throw new Fault(`${name}: the one ${source} does not run on this machine`);
      return source;
    },
  };
}

async function release(file: string, work: Work): Promise<string | undefined> {
  const env = { ...process.env, MC_CONFIG_DIR: work.scratch };
  return minioRelease((await run(file, ["--version"], { env, limitMs: 20_000, signal: work.signal })).stdout);
}

async function fromPath(name: string, pin: ReleasePin, folder: string, work: Work): Promise<void> {
  const file = findOnPath(name);
  const found = file === undefined ? undefined : await release(file, work);
  if (!file || !found) throw new Unavailable("none on PATH");
  // release tags sort by date
  if (found < pin.oldestOnPath) throw new Unavailable(`the one on PATH is ${found}, older than ${pin.oldestOnPath}`);
  copyTool(file, folder, name);
}

async function fromModule(name: string, pin: ReleasePin, recipe: Recipe, folder: string, work: Work): Promise<void> {
  const { tag, time, commit } = releaseTag(pin.version);
  const stamps = {
    [`${pin.module}/cmd.Version`]: time,
    [`${pin.module}/cmd.ReleaseTag`]: tag,
    [`${pin.module}/cmd.CommitID`]: commit,
    [`${pin.module}/cmd.CopyrightYear`]: time.slice(0, 4),
  };
  const build = { folder: join(recipe.toolchain, "go", name), target: pin.module, stamps, output: join(folder, name) };
  await buildGo(build, work);
}
