import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, platform } from "../cache/key.ts";
import { unpackOfficial } from "../sources/download.ts";
import { firstOf } from "../sources/first-of.ts";
import { GO_ARCH, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

/** The plugin's file name, as Pulumi looks for it. */
export const KUBERNETES_PLUGIN_FILE = "pulumi-resource-kubernetes";

/** Runs the stand-in of the checkout that it is linked into: the engine calls it by the link's own path. */
const STAND_IN = `#!/bin/sh
# Stands in for the official plugin, which can't be had here.
root=\${0%/.bucketworks/*}
exec "$root/.bucketworks/toolchain/bin/node" "$root/toolchain/offline/kubernetes-plugin/main.ts" "$@"
`;

/** The `kubernetes` provider plugin: the official one, or a call of the stand-in in `offline/kubernetes-plugin/`. */
export function kubernetesPlugin(recipe: Recipe): Piece {
  const { version } = recipe.pins.kubernetesPlugin;
  const mode = recipe.mode === "auto" ? [] : [recipe.mode];
  return {
    name: KUBERNETES_PLUGIN_FILE,
    version: `v${version}`,
    key: keyOf([KUBERNETES_PLUGIN_FILE, platform(), version, STAND_IN, ...mode]),
    fill: (folder, work) =>
      firstOf(
        [
          { name: "downloaded", kind: "official", fill: () => fromArchive(recipe, folder, work) },
          { name: "the stand-in of this project", kind: "build", fill: () => standIn(folder) },
        ],
        recipe.mode,
        folder,
        work,
      ),
  };
}

async function fromArchive(recipe: Recipe, folder: string, work: Work): Promise<void> {
  const { version } = recipe.pins.kubernetesPlugin;
  const base = `${recipe.pulumiUrl}/releases/plugins`;
  const archive = {
    url: `${base}/${KUBERNETES_PLUGIN_FILE}-v${version}-${process.platform}-${GO_ARCH}.tar.gz`,
    checksums: `${base}/pulumi-kubernetes_${version}_checksums.txt`,
  };
  const unpacked = join(work.scratch, "unpacked");
  mkdirSync(unpacked);
  await unpackOfficial(archive, unpacked, work.scratch, work.signal);
  copyFileSync(join(unpacked, KUBERNETES_PLUGIN_FILE), join(folder, KUBERNETES_PLUGIN_FILE));
}

async function standIn(folder: string): Promise<void> {
  const file = join(folder, KUBERNETES_PLUGIN_FILE);
  writeFileSync(file, STAND_IN);
  chmodSync(file, 0o755);
}
