/**
 * Asked by `toolchain/bin/pulumi` before the engine runs on the checkout's own backend: `node guard.ts ROOT STACK HOW`,
 * where HOW is `keep` before a run that writes, `look` before one that only reads, `try` before a command that may put
 * a damaged state right. Exit code 3 where nothing may be built upon the state.
 */
import { argv } from "node:process";
import { Fault } from "../fault.ts";
import { keepState } from "./keep.ts";
import { projectName, statePlaces } from "./places.ts";
import { requireState, StateFault } from "./require.ts";

const [root = ".", stack = "", how = "keep"] = argv.slice(2);
try {
  const places = statePlaces(root, projectName(root), stack);
  if (how === "look") requireState(places);
  else keepState(places);
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  if (how !== "try" || !(error instanceof StateFault)) {
    process.stderr.write(`pulumi: ${error.message}\n`);
    process.exitCode = 3;
  }
}
