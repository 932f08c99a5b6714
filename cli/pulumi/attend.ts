/**
 * `node cli/pulumi/attend.ts ARGUMENTS`: pulumi with these arguments for a recipe of make. A signal to make, to its group
 * or to us interrupts the engine exactly once, and it is awaited.
 */
import { ownRoot } from "../checkout.ts";
import { listenForSignals } from "../ending/signals.ts";
import { end } from "../run.ts";
import { runPulumiProcess } from "./process.ts";

listenForSignals();
try {
  const { code } = await runPulumiProcess(ownRoot(), process.env, process.argv.slice(2), async (engine) => {
    engine.stdout?.pipe(process.stdout, { end: false });
    engine.stderr?.pipe(process.stderr, { end: false });
  });
  process.exitCode = code;
} catch (error) {
  end(error);
}
