import { Command } from "commander";
import { z } from "zod";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, SERVER_HELP, storeAsked } from "./asked.ts";
import { runFeatures } from "./program.ts";

interface Options extends AskedOptions {
  readonly features: string;
}

const HELP = `
Reads the newest values of one key, as a model is answered. States: present; null, where the newest row has no value; expired, where
it is older than the view's ttl_days; missing, where nothing of the key is online.
${SERVER_HELP}

Examples:
  $ bucketworks feature get text_id=5d41402abc4b2a76b9719d911017c592 --features texts
  $ bucketworks feature get text_id=5d41402abc4b2a76b9719d911017c592 --features texts:words --format json

Exit codes: 0 shown, 1 the specs have faults, 2 wrong use (no such feature or key), 3 no server, or a refusal`;

const value = z.object({
  value: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  at: z.string().nullable(),
  state: z.enum(["present", "null", "expired", "missing"]),
});
const result = z.object({ features: z.record(z.string(), value) });

/** `bucketworks feature get KEY...`: what is online of one key. */
export function getCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("get")
    .description("read what is online of one key")
    .argument("<key...>", "COLUMN=VALUE, one for each key column of the views")
    .requiredOption("--features <names>", "view:feature, or a view for all of its features; commas between them");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (keys: string[], options: Options) => {
    if (keys.some((key) => key.startsWith("-")))
      throw new CommandError("feature: a key is COLUMN=VALUE", EXIT.wrongUse);
    const asked = storeAsked(checkout, options);
    const found = await runFeatures(checkout, asked, ["get", `--features=${options.features}`, "--", ...keys], result);
    if (options.format === "json") return printJson({ schemaVersion: 1, platform: asked.platform, ...found });
    const rows = Object.entries(found.features).map(([name, { value: held, at, state }]) => [
      name,
      held === null ? "-" : String(held),
      state,
      at ?? "-",
    ]);
    print(table([["FEATURE", "VALUE", "STATE", "OF"], ...rows]));
  });
}
