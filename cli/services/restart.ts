import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { stopService } from "../local/service/start.ts";
import { declaredServices } from "../local/services/declared.ts";
import { localService } from "../local/services/local-service.ts";
import { instanceMeant, notAskedFor } from "./service-name.ts";
import { servicesUp } from "./up.ts";

/** `bucketworks services restart NAME`: stops one and starts it again, with what it keeps. */
export function restartCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("restart")
    .description("stop one and start it again, with what it keeps")
    .argument("<NAME>", "as bucketworks services status has it: prometheus, mlops-mlflow")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText(
      "after",
      "\nExample:\n  bucketworks services restart prometheus\n\nExit codes: 0 all run, 1 the specs have faults, 2 wrong use, 3 one doesn't run",
    )
    .action(async (given: string, { quiet = false }: { quiet?: boolean }) => {
      const asked = declaredServices(checkout).instances.map(({ name }) => name);
      const name = instanceMeant(given, checkout, asked);
      if (!asked.includes(name)) throw notAskedFor(name);
      const stop = async () => void (await stopService(localService(name, checkout)));
      await servicesUp(checkout, quiet, stop, { action: "services.restart", object: `service/${name}` });
    });
}
