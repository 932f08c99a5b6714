import { existsSync } from "node:fs";
import { join } from "node:path";
import { keepState } from "./keep.ts";
import { requireState, StateFault } from "./require.ts";
import { projectName, statePlaces } from "./state-files.ts";

/**
 * Before the engine runs on the checkout's own backend. States of other projects are none of ours.
 * @param how `keep` before a run that writes, `look` before one that only reads, `try` before a command that may put a
 *   damaged state right
 * @param folder that of the Pulumi.yaml that the command is about; undefined where there is none
 * @throws Fault where nothing may be built upon the state
 */
export function guardState(
  root: string,
  stack: string,
  how: "keep" | "look" | "try",
  folder: string | undefined,
): void {
  const project = projectName(root);
  if (folder !== root && (folder === undefined || !isProject(folder, project))) return;
  const places = statePlaces(root, project, stack);
  try {
    if (how === "look") requireState(places);
    else keepState(places);
  } catch (error) {
    if (how !== "try" || !(error instanceof StateFault)) throw error;
  }
}

function isProject(folder: string, name: string): boolean {
  return existsSync(join(folder, "Pulumi.yaml")) && projectName(folder) === name;
}
