import { join } from "node:path";
import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import { declaredServices } from "../local/services/declared.ts";
import { folderOf, kindOf, localService } from "../local/services/local-service.ts";
import { print, table } from "../terminal/print.ts";
import { instanceMeant } from "./service-name.ts";

const HELP = `
Prints a secret. It is made at the first start and stays; to have another one, remove its file and start the service again.

Example:
  $ bucketworks services login jupyter

Exit codes: 0 printed, 1 the specs have faults, 2 wrong use (also a service that asks nobody to log in), 3 none was made yet`;

/** `bucketworks services login NAME`: what a person gives a service's page to log in. */
export function loginCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("login")
    .description("print with what to log in to one")
    .argument("<NAME>", "as bucketworks services status has it: jupyter")
    .addHelpText("after", HELP)
    .action(async (given: string) => {
      const asked = declaredServices(checkout).instances.map(({ name }) => name);
      const name = instanceMeant(given, checkout, asked);
      const { login } = kindOf(name).kind;
      if (login === undefined) throw new CommandError(`${name} asks nobody to log in`, EXIT.wrongUse);
      const secret = readText(join(folderOf(name, checkout), login.file));
      if (secret === undefined)
        throw new CommandError(
          `${localService(name, checkout).title} never ran here: run make services`,
          EXIT.couldNotLook,
        );
      print(table([...(login.user === undefined ? [] : [["user", login.user]]), [login.secret, secret]]));
    });
}

/** Names of those that ask people to log in. */
export function withLogin(names: readonly string[]): string[] {
  return names.filter((name) => kindOf(name).kind.login !== undefined);
}
