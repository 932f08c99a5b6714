import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { unpackOfficial } from "../sources/download.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo } from "../sources/go.ts";
import { copyVersion } from "../sources/on-path.ts";
import { GO_ARCH, goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

const NAME = "actionlint";

/** The linter of `.github/workflows`; `make check` alone needs it. */
export function actionlint(recipe: Recipe): Piece {
  const { module, version } = recipe.pins.actionlint;
  return {
    name: NAME,
    version,
    key: goKey(recipe, NAME, recipe.pins.actionlint, [version]),
    fill: async (folder, work) => {
      const build = { folder: join(recipe.toolchain, "go", NAME), target: `${module}/cmd/${NAME}`, stamps: {} };
      const output = join(folder, NAME);
      const source = await firstOf(
        [
          {
            name: "found on PATH",
            kind: "official",
            fill: () => copyVersion(NAME, version, folder, (file) => versionOf(file, work)),
          },
          { name: "downloaded", kind: "official", fill: () => fromArchive(module, version, folder, work) },
          { name: "built from its Go module", kind: "build", fill: () => buildGo({ ...build, output }, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      const found = await versionOf(output, work);
      if (found !== version)
        throw new Fault(`${NAME}: the one ${source} reports ${found || "nothing"}, not ${version}`);
      return source;
    },
  };
}

/** `v1.7.12`; an official binary says `1.7.12`. */
async function versionOf(file: string, work: Work): Promise<string> {
  const { stdout } = await run(file, ["-version"], { limitMs: 20_000, signal: work.signal });
  return (stdout.split("\n")[0] ?? "").trim().replace(/^v?(?=\d)/, "v");
}

async function fromArchive(module: string, version: string, folder: string, work: Work): Promise<void> {
  const base = `https://${module}/releases/download/${version}/${NAME}_${version.slice(1)}`;
  const archive = { url: `${base}_${process.platform}_${GO_ARCH}.tar.gz`, checksums: `${base}_checksums.txt` };
  await unpackOfficial(archive, folder, work.scratch, work.signal);
}
