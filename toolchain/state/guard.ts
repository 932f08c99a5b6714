/**
 * Asked by `toolchain/bin/pulumi` before the engine runs on the checkout's own backend: `node guard.ts ROOT STACK HOW
 * FOLDER`, FOLDER that of the Pulumi.yaml that the command is about. States of other projects are none of ours.
 * where HOW is `keep` before a run that writes, `look` before one that only reads, `try` before a command that may put
 * a damaged state right. Exit code 3 where nothing may be built upon the state.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { Fault } from "../fault.ts";
import { keepState } from "./keep.ts";
import { requireState, StateFault } from "./require.ts";
import { projectName, statePlaces } from "./state-files.ts";

const [root = ".", stack = "", how = "keep", folder = root] = argv.slice(2);
try {
  const project = projectName(root);
  if (folder === root || isProject(folder, project)) {
    const places = statePlaces(root, project, stack);
    if (how === "look") requireState(places);
    else keepState(places);
  }
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  if (how !== "try" || !(error instanceof StateFault)) {
    process.stderr.write(`pulumi: ${error.message}\n`);
    process.exitCode = 3;
  }
}

function isProject(place: string, name: string): boolean {
  return existsSync(join(place, "Pulumi.yaml")) && projectName(place) === name;
}
