import { Command } from "commander";
import { z } from "zod";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { EXIT } from "../ending/exit.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, SERVER_HELP, storeAsked } from "./asked.ts";
import { runFeatures } from "./program.ts";

const HELP = `
Shows each view of the platform's file: whether it is applied, when its values were last brought online, how many keys have values
there, and how new the newest one is; then what an apply would change.
${SERVER_HELP}

Examples:
  $ bucketworks feature status
  $ bucketworks feature status --platform mlops --format json

Exit codes: 0 all is applied, 1 something isn't, or the specs have faults, 2 wrong use, 3 no server, or a refusal`;

const texts = z.array(z.string());
const result = z.object({
  changes: texts,
  refusals: texts,
  left: texts,
  views: z.array(
    z.object({
      name: z.string(),
      features: z.number(),
      online: z.boolean(),
      applied: z.boolean(),
      materialized: z.string().nullable(),
      rows: z.number(),
      newest: z.string().nullable(),
    }),
  ),
});

/** `bucketworks feature status`: what is applied and online. */
export function statusCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("status").description("show what is applied and online");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (options: AskedOptions) => {
    const asked = storeAsked(checkout, options);
    const found = await runFeatures(checkout, asked, ["status"], result);
    if (found.changes.length > 0 || found.refusals.length > 0) process.exitCode = EXIT.findings;
    if (options.format === "json") return printJson({ schemaVersion: 1, platform: asked.platform, ...found });
    const rows = found.views.map((view) => [
      view.name,
      String(view.features),
      view.applied ? (view.online ? "online" : "applied") : "not applied",
      String(view.rows),
      view.materialized ?? "never",
      view.newest ?? "-",
    ]);
    print(table([["VIEW", "FEATURES", "STATE", "KEYS", "MATERIALIZED", "NEWEST"], ...rows]));
    for (const line of found.changes) print(`to apply: ${line}`);
    for (const line of found.refusals) print(`would be refused: ${line}`);
    for (const name of found.left) print(`left alone: ${name}, which the file has no more`);
  });
}
