import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { deployCommand } from "./compose/deploy.ts";
import { postgresSettingsCommand } from "./compose/postgres-settings.ts";
import { secretsCommand } from "./compose/secrets.ts";
import { print } from "./terminal/print.ts";

const HELP = `
Writes compose.yaml and .env.example of the checkout from the platforms of the stack dev: servers, initialiser, validator, and the
services that platforms ask for. docs/compose.md says how to start them.

Examples:
  $ bucketworks compose
  $ bucketworks compose secrets
  $ docker compose up -d

Exit codes: 0 written, 1 the specs have faults, 2 wrong use, 3 a file can't be written`;

/** `bucketworks compose`: the platforms for Docker Compose. */
export function composeCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("compose")
    .description("write compose.yaml, with all servers and services of the platforms")
    .addHelpText("after", HELP)
    .action(async () => {
      // An image that runs a part of this has no toolchain, by which services are started.
      const { composeFiles } = await import("./compose/files.ts");
      const { declaredServices } = await import("./local/services/declared.ts");
      const files = composeFiles(declaredServices(checkout));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(checkout.root, name), text);
      print(`written: ${Object.keys(files).join(", ")}`);
    });
  for (const each of [secretsCommand(checkout), deployCommand(checkout), postgresSettingsCommand()])
    command.addCommand(each);
  return command;
}
