import { cpSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { buildGo, moduleFolder } from "../sources/go.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

const NAME = "argo-rollouts";
const PROGRAM = "rollouts-controller";
const STAMP = "github.com/argoproj/argo-rollouts/utils/version.version";

/** What carries out rollouts in the test cluster, with its kinds and its rights as its makers install them. */
export function argoRollouts(recipe: Recipe): Piece {
  const { module, version } = recipe.pins.argoRollouts;
  const source = join(recipe.toolchain, "go", NAME);
  return {
    name: NAME,
    version,
    key: goKey(recipe, NAME, recipe.pins.argoRollouts, [STAMP]),
    fill: async (folder, work) => {
      const output = join(folder, PROGRAM);
      await buildGo({ folder: source, target: `${module}/cmd/${PROGRAM}`, stamps: { [STAMP]: version }, output }, work);
      const manifests = join(await moduleFolder(source, module, work), "manifests");
      for (const part of ["crds", "role"]) cpSync(join(manifests, part), join(folder, part), { recursive: true });
      const { stdout } = await run(output, ["--version"], { limitMs: 20_000, signal: work.signal });
      if (!stdout.includes(version))
        throw new Fault(
          `${NAME}: the one that was built reports ${stdout.split("\n")[0] || "nothing"}, not ${version}`,
        );
      return "built from its Go module";
    },
  };
}
