import { Command } from "commander";
import type { ServiceProgram } from "../../toolchain/pieces/service-programs.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { stopService } from "../local/service/start.ts";
import { declaredServices } from "../local/services/declared.ts";
import { program } from "../local/services/program.ts";
import { serviceName } from "./service-name.ts";
import { servicesUp } from "./up.ts";

/** `bucketworks services restart NAME`: stops one and starts it again, with what it keeps. */
export function restartCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("restart")
    .description("stop one and start it again, with what it keeps")
    .argument("<NAME>", "prometheus, alertmanager or node_exporter", serviceName)
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText(
      "after",
      "\nExample:\n  bucketworks services restart prometheus\n\nExit codes: 0 all run, 1 the specs have faults, 2 wrong use, 3 one doesn't run",
    )
    .action(async (name: ServiceProgram, { quiet = false }: { quiet?: boolean }) => {
      if (!declaredServices(checkout).names.includes(name))
        throw new CommandError(
          `${name}: no platform of the stack dev asks for it; write services: {${name}: {}} in one's file`,
          EXIT.wrongUse,
        );
      await servicesUp(checkout, quiet, async () => {
        await stopService(program(name, checkout));
      });
    });
}
