import { Command } from "commander";
import { audited } from "../audit-log.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { attended } from "../ending/signals.ts";
import { withLock } from "../local/checkout-lock.ts";
import { stopService } from "../local/service/start.ts";
import { knownInstances, localService } from "../local/services/local-service.ts";
import { Progress, step } from "../terminal/progress.ts";

/** `bucketworks services down`: ends them and their supervisors; what they keep stays. */
export function downCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("down")
    .description("stop them; their data stays")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText(
      "after",
      "\nExample:\n  bucketworks services down\n\nExit codes: 0 stopped (or nothing ran), 3 could not stop",
    )
    .action(async ({ quiet = false }: { quiet?: boolean }) => {
      const progress = new Progress(quiet);
      const end = () => step(progress, "stopping services", () => attended(() => stopAll(checkout)), stopped);
      const stop = () => audited(checkout, { action: "services.down", object: "services" }, end);
      await withLock(checkout, "services down", stop, { onWait: (text) => progress.note(text) });
    });
}

async function stopAll(checkout: Checkout): Promise<string[]> {
  const titles: string[] = [];
  for (const name of knownInstances(checkout).reverse()) {
    const service = localService(name, checkout);
    if (await stopService(service)) titles.unshift(service.title);
  }
  return titles;
}

function stopped(titles: readonly string[]): string {
  return titles.length === 0 ? "no service is running" : `stopped ${titles.join(", ")}; what they keep stays`;
}
