import { userInfo } from "node:os";
import { Command } from "commander";
import { audited } from "../audit-log.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, experimentNamed } from "./asked.ts";
import { SERVER_HELP, stop, stopOf, withRecords } from "./records.ts";

const HELP = `
Ends an experiment: within seconds the model API deals nobody any more, and everybody gets the alias that it serves. What was
recorded stays, and is analysed until this moment. A stop isn't taken back: an experiment begins anew under another name.
${SERVER_HELP}

Examples:
  $ bucketworks experiment stop newer-masker --reason "complaints about names in capitals"

Exit codes: 0 it is stopped, 1 the specs have faults, 2 wrong use, 3 no database, or a refusal`;

/** `bucketworks experiment stop NAME`: nobody takes part any more. */
export function stopCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("stop")
    .description("end an experiment: nobody takes part any more")
    .argument("<name>")
    .requiredOption("--reason <text>", "why, for those who read its results");
  for (const option of askedOptions()) command.addOption(option);
  return command
    .addHelpText("after", HELP)
    .action(async (name: string, { reason, ...options }: AskedOptions & { readonly reason: string }) => {
      const asked = experimentNamed(checkout, name, options);
      const { platform, experiment } = asked;
      const deed = { action: "experiment.stop", object: `experiment/${name}`, platform };
      const { isNew, stopped } = await audited(checkout, deed, () =>
        withRecords(checkout, asked, async (client) => ({
          isNew: await stop(client, experiment, userInfo().username, reason),
          stopped: await stopOf(client, experiment),
        })),
      );
      if (options.format === "json") return printJson({ schemaVersion: 1, platform, experiment: name, isNew, stopped });
      const at = stopped?.stoppedAt.toISOString() ?? "";
      print(
        isNew ? `${name} is stopped since ${at}` : `${name} was stopped at ${at} already: ${stopped?.reason ?? ""}`,
      );
    });
}
