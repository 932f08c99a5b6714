import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./place.ts";

const SHOWN = 8;

/** A cluster that did not start: what was missing, and the last lines of the component's log. */
export class StartFailure extends Error {
  constructor(place: Place, what: string, component: string) {
    const file = join(place.logs, `${component}.log`);
    super(`test cluster: ${what}; the end of ${file}:\n${lastLines(file)}`);
    this.name = "StartFailure";
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .slice(-SHOWN)
      .map((line) => `  ${line}`)
      .join("\n");
  } catch {
    return "  (there is none)";
  }
}
