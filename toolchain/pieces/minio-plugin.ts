import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { folderParts } from "../cache/key.ts";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { unpackOfficial } from "../sources/download.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo } from "../sources/go.ts";
import { GO_ARCH, goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

/** The plugin's file name, as Pulumi looks for it. */
export const PLUGIN_FILE = "pulumi-resource-minio";

/** The `minio` provider plugin: the official one, or the one bridged afresh in `go/pulumi-resource-minio`. */
export function minioPlugin(recipe: Recipe): Piece {
  const { version } = recipe.pins.minioPlugin;
  const sources = folderParts(join(recipe.toolchain, "go", PLUGIN_FILE));
  return {
    name: PLUGIN_FILE,
    version: `v${version}`,
    key: goKey(recipe, PLUGIN_FILE, undefined, [version, ...sources]),
    fill: async (folder, work) => {
      const source = await firstOf(
        [
          { name: "downloaded", kind: "official", fill: () => fromArchive(recipe, folder, work) },
          { name: "built from Go modules", kind: "build", fill: () => fromModule(recipe, folder, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      const { stdout } = await run(join(folder, PLUGIN_FILE), ["--version"], { limitMs: 20_000, signal: work.signal });
      const found = stdout.trim().replace(/^v/, "");
      if (found !== version)
        throw new Fault(`${PLUGIN_FILE}: the one ${source} reports ${found || "nothing"} instead of ${version}`);
      return source;
    },
  };
}

async function fromArchive(recipe: Recipe, folder: string, work: Work): Promise<void> {
  const { version } = recipe.pins.minioPlugin;
  const base = `${recipe.pulumiUrl}/releases/plugins`;
  const archive = {
    url: `${base}/${PLUGIN_FILE}-v${version}-${process.platform}-${GO_ARCH}.tar.gz`,
    checksums: `${base}/pulumi-minio_${version}_checksums.txt`,
  };
  const unpacked = join(work.scratch, "unpacked");
  mkdirSync(unpacked);
  await unpackOfficial(archive, unpacked, work.scratch, work.signal);
  copyFileSync(join(unpacked, PLUGIN_FILE), join(folder, PLUGIN_FILE));
}

async function fromModule(recipe: Recipe, folder: string, work: Work): Promise<void> {
  const build = {
    folder: join(recipe.toolchain, "go", PLUGIN_FILE),
    target: ".",
    stamps: {},
    output: join(folder, PLUGIN_FILE),
  };
  await buildGo(build, work);
}
