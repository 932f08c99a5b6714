import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo } from "../sources/go.ts";
import { copyVersion } from "../sources/on-path.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

const NAME = "promtool";
/** Leaves out the clients of thirty clouds, which no rule needs. */
const TAGS = ["remove_all_sd"];
const VERSION = "github.com/prometheus/common/version.Version";

/** Prometheus's own checker of rules; tests of alerts alone need it. */
export function promtool(recipe: Recipe): Piece {
  const { module, version } = recipe.pins.promtool;
  const shown = releaseOf(version);
  return {
    name: NAME,
    version,
    key: goKey(recipe, NAME, recipe.pins.promtool, [...TAGS, VERSION]),
    fill: async (folder, work) => {
      const source = join(recipe.toolchain, "go", NAME);
      const output = join(folder, NAME);
      const build = { folder: source, target: `${module}/cmd/${NAME}`, stamps: { [VERSION]: shown }, tags: TAGS };
      const from = await firstOf(
        [
          {
            name: "found on PATH",
            kind: "official",
            fill: () => copyVersion(NAME, shown, folder, (file) => versionOf(file, work)),
          },
          { name: "built from its Go module", kind: "build", fill: () => buildGo({ ...build, output }, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      const found = await versionOf(output, work);
      if (found !== shown) throw new Fault(`${NAME}: the one ${from} reports ${found || "nothing"}, not ${shown}`);
      return from;
    },
  };
}

/** Prometheus 3.13.5 is the Go module v0.313.5. */
function releaseOf(version: string): string {
  return version.replace(/^v0\.(\d)(\d\d)\.(\d+)$/, (_, major, minor, patch) => `${major}.${Number(minor)}.${patch}`);
}

/** Its first line is `promtool, version 3.13.5 (branch: ...`. */
async function versionOf(file: string, work: Work): Promise<string> {
  const { stdout, stderr } = await run(file, ["--version"], { limitMs: 20_000, signal: work.signal });
  return /^promtool, version (\S+)/.exec(stdout || stderr)?.[1] ?? "";
}
