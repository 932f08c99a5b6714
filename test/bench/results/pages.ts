import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plots } from "./plots.ts";
import { bench } from "./schema.ts";
import { sectionText } from "./tables.ts";

/** The measurement, from the root of the checkout; its drawings lie beside it. */
export const BENCH_FILE = "docs/performance/bench.json";

const PAGE = "docs/performance.md";
const [BEGIN, END] = ["<!-- from bench.json: make bench -->", "<!-- end of what make bench writes -->"];

/**
 * The files that are made of a measurement, by their path from the root.
 * @throws where the page has no place for it
 */
export function pages(root: string): Record<string, string> {
  const measured = bench.parse(JSON.parse(readFileSync(join(root, BENCH_FILE), "utf8")));
  const page = readFileSync(join(root, PAGE), "utf8");
  const [before, rest = ""] = page.split(BEGIN);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE} has no ${BEGIN} with ${END} after it`);
  const drawings = Object.entries(plots(measured)).map(([name, svg]) => [`docs/performance/${name}`, svg]);
  return {
    [PAGE]: `${before}${BEGIN}\n\n${sectionText(measured)}\n\n${END}${after}`,
    ...Object.fromEntries(drawings),
  };
}

export function writePages(root: string): void {
  for (const [path, text] of Object.entries(pages(root))) writeFileSync(join(root, path), text);
}
