import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { buildGo } from "../sources/go.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

const STAMP = "github.com/opentofu/opentofu/version";

/** OpenTofu, which reads Terraform's language; the bench alone needs it. */
export function openTofu(recipe: Recipe): Piece {
  const { module, version } = recipe.pins.openTofu;
  const source = join(recipe.toolchain, "go", "opentofu");
  const stamps = { [`${STAMP}.dev`]: "no" };
  return {
    name: "opentofu",
    version,
    key: goKey(recipe, "opentofu", recipe.pins.openTofu, Object.keys(stamps)),
    fill: async (folder, work) => {
      const output = join(folder, "tofu");
      await buildGo({ folder: source, target: `${module}/cmd/tofu`, stamps, output }, work);
      const { stdout } = await run(output, ["version"], { limitMs: 20_000, signal: work.signal });
      // Warnings of the user's own settings may stand before it.
      const found = /^OpenTofu (v\S+)$/m.exec(stdout)?.[1];
      if (found !== version)
        throw new Fault(`opentofu: the one that was built reports ${found ?? "nothing"}, not ${version}`);
      return "built from its Go module";
    },
  };
}

/** The community's Terraform provider of MinIO; the bench alone needs it. */
export function terraformProvider(recipe: Recipe): Piece {
  const { module, version } = recipe.pins.terraformProvider;
  const name = "terraform-provider-minio";
  const source = join(recipe.toolchain, "go", name);
  return {
    name,
    version,
    key: goKey(recipe, name, recipe.pins.terraformProvider, []),
    fill: async (folder, work) => {
      await buildGo({ folder: source, target: module, stamps: {}, output: join(folder, name) }, work);
      return "built from its Go module";
    },
  };
}
