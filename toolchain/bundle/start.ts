/** Runs a part from its bundle where that is fresh, else from the sources: `node start.ts provider|cli ARGUMENT...` */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freshBundle, type Part, ROOT } from "./fresh.ts";

const [part] = process.argv.splice(2, 1) as [Part];
const sources = join(ROOT, part, "main.ts");
process.argv[1] = sources;
const folder = freshBundle(part);
if (folder === undefined && part === "cli" && !existsSync(join(ROOT, "node_modules", "commander"))) {
  // No import by name: the bundles of other parts would take it along.
  const { startBare } = await import(pathToFileURL(join(ROOT, "cli", "doctor", "bare.ts")).href);
  process.exitCode = await startBare(ROOT, process.argv.slice(2));
} else {
  await import(pathToFileURL(folder === undefined ? sources : join(folder, "main.mjs")).href);
}
