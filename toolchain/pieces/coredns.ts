import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { buildGo } from "../sources/go.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

const NAME = "coredns";

/** The name server of the test cluster, with the plugins it uses alone (`go/coredns/main.go`). */
export function coredns(recipe: Recipe): Piece {
  const { version } = recipe.pins.coredns;
  const source = join(recipe.toolchain, "go", NAME);
  return {
    name: NAME,
    version,
    key: goKey(recipe, NAME, recipe.pins.coredns, [readFileSync(join(source, "main.go"), "utf8")]),
    fill: async (folder, work) => {
      const output = join(folder, NAME);
      await buildGo({ folder: source, target: ".", stamps: {}, output }, work);
      const { stdout } = await run(output, ["-version"], { limitMs: 20_000, signal: work.signal });
      if (!stdout.startsWith(`CoreDNS-${version.slice(1)}\n`))
        throw new Fault(
          `${NAME}: the one that was built reports ${stdout.split("\n")[0] || "nothing"}, not ${version}`,
        );
      return "built from its Go module";
    },
  };
}
