/** Runs a part from its bundle where that is fresh, else from the sources: `node start.ts provider|cli ARGUMENT...` */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freshBundle, type Part, ROOT } from "./fresh.ts";

const [part] = process.argv.splice(2, 1) as [Part];
const sources = join(ROOT, part, "main.ts");
process.argv[1] = sources;
const folder = freshBundle(part);
await import(pathToFileURL(folder === undefined ? sources : join(folder, "main.mjs")).href);
