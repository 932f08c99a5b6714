import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { buildGo } from "../sources/go.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

const NAME = "compose-config";

/** What reads compose.yaml as Docker Compose does, by its own library (`go/compose-config/main.go`); one test alone needs it. */
export function composeConfig(recipe: Recipe): Piece {
  const { version } = recipe.pins.composeGo;
  const source = join(recipe.toolchain, "go", NAME);
  return {
    name: NAME,
    version,
    key: goKey(recipe, NAME, recipe.pins.composeGo, [readFileSync(join(source, "main.go"), "utf8")]),
    fill: async (folder, work) => {
      const output = join(folder, NAME);
      await buildGo({ folder: source, target: ".", stamps: {}, output }, work);
      const { stdout } = await run(output, ["--version"], { limitMs: 20_000, signal: work.signal });
      if (stdout.trim() !== `${NAME} ${version}`)
        throw new Fault(`${NAME}: the one that was built reports ${stdout.trim() || "nothing"}, not ${version}`);
      return "built from its Go module";
    },
  };
}
