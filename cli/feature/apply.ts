import { Command } from "commander";
import { z } from "zod";
import { audited } from "../audit-log.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, SERVER_HELP, storeAsked } from "./asked.ts";
import { runFeatures } from "./program.ts";

const HELP = `
Brings the registry and the tables of values online to the definitions of the platform's file. A second run changes nothing. A
feature that would be gone, or have another type or other entities, is refused: models read features by name, so another meaning is
another name. What the file has no more is left alone.
${SERVER_HELP}

Examples:
  $ bucketworks feature apply

Exit codes: 0 applied, 1 refused, or the specs have faults, 2 wrong use, 3 no server, or a refusal`;

const result = z.object({ changes: z.array(z.string()), left: z.array(z.string()) });

/** `bucketworks feature apply`: definitions become tables. */
export function applyCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("apply").description("bring registry and tables to the definitions");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (options: AskedOptions) => {
    const asked = storeAsked(checkout, options);
    const deed = { action: "feature.apply", object: `features/${asked.platform}`, platform: asked.platform };
    const done = await audited(checkout, deed, () => runFeatures(checkout, asked, ["apply"], result));
    if (options.format === "json") return printJson({ schemaVersion: 1, platform: asked.platform, ...done });
    for (const line of done.changes) print(line);
    for (const name of done.left) print(`${name}: the file has it no more; it is left alone`);
    if (done.changes.length === 0) print(`features of ${asked.platform}: nothing to change`);
  });
}
