import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, Unavailable } from "../fault.ts";
import { copyFixed, EditDoesNotFit, fixesMark } from "../go/minio/fixes/apply.ts";
import { type Pins, releaseTag } from "../pins.ts";
import { copyFromImage } from "../sources/docker.ts";
import { unpackOfficial } from "../sources/download.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo, moduleFolder } from "../sources/go.ts";
import { copyTool, findOnPath } from "../sources/on-path.ts";
import { whyOpen } from "./open-servers.ts";
import { GO_ARCH, goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";
import { releaseOf, releaseStamps } from "./releases.ts";

const NAME = "minio";

/**
 * The server, called `minio`: Silo where it is on PATH or can be downloaded, else the MinIO module with fixes of our own.
 * What upstream released has open holes and is never taken (docs/servers.md).
 */
export function minio(recipe: Recipe): Piece {
  const { minio: pin, silo } = recipe.pins;
  const mark = fixesMark(join(recipe.toolchain, "go", NAME, "fixes"));
  return {
    name: NAME,
    version: releaseTag(pin.version).tag,
    key: goKey(recipe, NAME, pin, [mark, JSON.stringify(silo)]),
    fill: async (folder, work) => {
      const source = await firstOf(
        [
          { name: "found on PATH", kind: "official", fill: () => fromPath(recipe.pins, mark, folder, work) },
          { name: "downloaded: Silo", kind: "official", fill: () => fromRelease(recipe, folder, work) },
          { name: "from Silo's image", kind: "official", fill: () => fromImage(silo.image, folder, work) },
          {
            name: "built from its Go module, fixed",
            kind: "build",
            fill: () => fromModule(recipe, mark, folder, work),
          },
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

async function fromPath(pins: Pins, mark: string, folder: string, work: Work): Promise<void> {
  const refused: string[] = [];
  for (const name of ["silo", NAME]) {
    const file = findOnPath(name);
    const found = file === undefined ? undefined : await releaseOf(file, work);
    if (!file || !found) continue;
    const open = whyOpen(found, { silo: pins.silo.release, mark });
    if (open === undefined) {
      copyTool(file, folder, NAME);
      return;
    }
    refused.push(`${file} ${open}`);
  }
  throw new Unavailable(refused.length === 0 ? "none on PATH" : `not taken: ${refused.join("; ")}`);
}

async function fromRelease(recipe: Recipe, folder: string, work: Work): Promise<void> {
  const { release, sha256 } = recipe.pins.silo;
  const machine = `${process.platform}_${GO_ARCH}`;
  const sum = sha256[machine];
  if (sum === undefined) throw new Unavailable(`no release of Silo is pinned for ${machine}`);
  // RELEASE.2026-09-16T00-00-00Z stands in names of archives as 20260916000000.0.0
  const version = `${release.replace(/\D/g, "")}.0.0`;
  const url = `${recipe.siloUrl}/${release}/silo_${version}_${machine}.tar.gz`;
  const unpacked = join(work.scratch, "silo");
  mkdirSync(unpacked);
  await unpackOfficial({ url, sha256: sum }, unpacked, work.scratch, work.signal);
  copyTool(join(unpacked, "silo"), folder, NAME);
}

async function fromImage(image: string, folder: string, work: Work): Promise<void> {
  await copyFromImage(image, "silo", folder, work);
  renameSync(join(folder, "silo"), join(folder, NAME));
}

/** Builds a copy of the module that has the fixes; the module's own go.mod and go.sum still decide everything else. */
async function fromModule(recipe: Recipe, mark: string, folder: string, work: Work): Promise<void> {
  const { minio: pin } = recipe.pins;
  const pinned = join(recipe.toolchain, "go", NAME);
  const [copy, main] = [join(work.scratch, "module"), join(work.scratch, "build")];
  const module = await moduleFolder(pinned, pin.module, work);
  try {
    copyFixed(module, copy);
  } catch (error) {
    if (error instanceof EditDoesNotFit) throw new Fault(error.message);
    throw error;
  }
  mkdirSync(main);
  for (const name of ["go.sum", "tools.go"]) copyFileSync(join(pinned, name), join(main, name));
  const goMod = readFileSync(join(pinned, "go.mod"), "utf8");
  writeFileSync(join(main, "go.mod"), `${goMod}\nreplace ${pin.module} => ../module\n`);
  const stamps = releaseStamps(pin, `-fixes.${mark}`);
  await buildGo({ folder: main, target: pin.module, stamps, output: join(folder, NAME) }, work);
}
