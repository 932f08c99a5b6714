import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Fault, Unavailable } from "../fault.ts";
import { run } from "../process.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo, isOlder } from "../sources/go.ts";
import { copyTool, findOnPath } from "../sources/on-path.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

/** Its name as a program of `bucketworks services`. */
export const VICTORIA_LOGS = "victoria-logs";
/** What the official archives call the program. */
const RELEASED_AS = "victoria-logs-prod";
const VERSION = "github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version";

/**
 * The store of logs, as `bin/victoria-logs`: the one on PATH of the pinned version or a later one, or built from its Go module,
 * a minute on two cores. `bucketworks services up` alone asks for it.
 */
export function victoriaLogs(recipe: Recipe): Piece {
  const pin = recipe.pins.victoriaLogs;
  const { module, version } = pin;
  return {
    name: VICTORIA_LOGS,
    version,
    key: goKey(recipe, VICTORIA_LOGS, pin, [VERSION]),
    fill: async (folder, work) => {
      const place = join(folder, "bin");
      const output = join(place, VICTORIA_LOGS);
      const build = {
        folder: join(recipe.toolchain, "go", VICTORIA_LOGS),
        target: `${module}/app/${VICTORIA_LOGS}`,
        stamps: { [VERSION]: `${VICTORIA_LOGS}-${version}` },
      };
      const source = await firstOf(
        [
          { name: "found on PATH", kind: "official", fill: () => fromPath(version.slice(1), place, work) },
          { name: "built from its Go module", kind: "build", fill: () => buildGo({ ...build, output }, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      if ((await versionOf(output, work)) === undefined)
        throw new Fault(`${VICTORIA_LOGS}: the one ${source} does not run on this machine`);
      return source;
    },
  };
}

async function fromPath(wanted: string, place: string, work: Work): Promise<void> {
  const file = findOnPath(VICTORIA_LOGS) ?? findOnPath(RELEASED_AS);
  if (file === undefined) throw new Unavailable("none on PATH");
  const found = await versionOf(file, work);
  if (found === undefined || isOlder(found, wanted))
    throw new Unavailable(`the one on PATH is ${found ?? "another program"}, needed is ${wanted} or later`);
  mkdirSync(place);
  copyTool(file, place, VICTORIA_LOGS);
}

/** It says `victoria-logs-20260630-101112-tags-v1.52.1-0-g0123456`. */
async function versionOf(file: string, work: Work): Promise<string | undefined> {
  const { stdout, stderr } = await run(file, ["-version"], { limitMs: 20_000, signal: work.signal });
  return /^victoria-logs-.*?v(\d+\.\d+\.\d+)/m.exec(stdout || stderr)?.[1];
}
