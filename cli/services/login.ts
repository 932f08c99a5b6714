import { join } from "node:path";
import { Command } from "commander";
import type { Instance } from "../../builders/services/declared.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import { declaredServices } from "../local/services/declared.ts";
import { folderOf, kindOf, titleOf } from "../local/services/local-service.ts";
import { keptMlflowPassword } from "../local/services/mlflow-passwords.ts";
import { print, table } from "../terminal/print.ts";
import { instanceMeant, notAskedFor } from "./service-name.ts";

const HELP = `
Prints a secret. It is made at the first start and stays; to have another one, remove its file and start the service again.
MLflow has a login for each name under logins in its platform's file, and one for each program of ours; without LOGIN it is
the admin's.

Examples:
  $ bucketworks services login jupyter
  $ bucketworks services login mlops-mlflow ana

Exit codes: 0 printed, 1 the specs have faults, 2 wrong use (also a service that asks nobody to log in), 3 none was made yet`;

/** `bucketworks services login NAME`: what a person gives a service's page to log in. */
export function loginCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("login")
    .description("print with what to log in to one")
    .argument("<NAME>", "as bucketworks services status has it: jupyter, grafana, logs, mlops-mlflow")
    .argument("[LOGIN]", "whose, where several log in: a name under logins in the platform's file")
    .addHelpText("after", HELP)
    .action(async (given: string, whose?: string) => {
      const { instances, shared } = declaredServices(checkout);
      const asked = instances.map(({ name }) => name);
      const name = instanceMeant(given, checkout, asked);
      const instance = instances.find((each) => each.name === name);
      if (instance === undefined) throw notAskedFor(name);
      const { login } = kindOf(name).kind;
      if (login === undefined || !asksPeople(instance))
        throw new CommandError(`${name} asks nobody to log in`, EXIT.wrongUse);
      const others = login.others?.(instance, shared) ?? [];
      const isOther = whose !== undefined && whose !== login.user;
      if (isOther && !others.includes(whose)) throw noSuchLogin(name, whose, [login.user, ...others]);
      const secret = isOther
        ? keptMlflowPassword(checkout, name, whose)
        : readText(join(folderOf(name, checkout), login.file));
      if (secret === undefined)
        throw new CommandError(
          `${titleOf(name)} has no ${login.secret} yet: it is made at the first start; run make services`,
          EXIT.couldNotLook,
        );
      const user = whose ?? login.user;
      print(table([...(user === undefined ? [] : [["user", user]]), [login.secret, secret]]));
    });
}

function noSuchLogin(name: string, whose: string, known: readonly (string | undefined)[]): CommandError {
  const names = known.filter((each) => each !== undefined);
  const told = names.length === 0 ? "it knows one secret alone" : `there are ${names.join(", ")}`;
  return new CommandError(`${name} has no login ${JSON.stringify(whose)}; ${told}`, EXIT.wrongUse);
}

/** Whether one asks people to log in. */
export function asksPeople(instance: Instance): boolean {
  const { login } = kindOf(instance.name).kind;
  return login !== undefined && (login.isAsked?.(instance) ?? true);
}
