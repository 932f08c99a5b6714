import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { attended } from "./ending/signals.ts";
import { withLock } from "./local/checkout-lock.ts";
import { stopServices } from "./local/service/start.ts";
import { Progress, step } from "./terminal/progress.ts";

/** `bucketworks down`: ends the local servers and their supervisors; all data stays. */
export function downCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("down")
    .description("stop the local servers; their data stays")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", "\nExample:\n  bucketworks down\n\nExit codes: 0 stopped (or nothing ran), 3 could not stop")
    .action(async ({ quiet = false }: { quiet?: boolean }) => {
      const progress = new Progress(quiet);
      // A signal waits for the servers' end: they have been told to end, and that is all there is to do.
      const end = () => attended(() => stopServices(checkout));
      const stop = () => step(progress, "stopping the local server", end, stopped);
      await withLock(checkout, "down", stop, { onWait: (text) => progress.note(text) });
    });
}

function stopped(names: readonly string[]): string {
  if (names.length === 0) return "the local server isn't running";
  const list = [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
  return `stopped ${list}; ${names.length === 1 ? "its" : "their"} data stays`;
}
