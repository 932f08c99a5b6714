import { Command } from "commander";
import { z } from "zod";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, SERVER_HELP, storeAsked } from "./asked.ts";
import { runFeatures } from "./program.ts";

interface Options extends AskedOptions {
  readonly labels: string;
  readonly features: string;
  readonly out: string;
  readonly keepProfile: boolean;
}

const HELP = `
Joins features to labels as they were known at each label's moment: a value counts where it was true then, was there to be read then
(the column created), and isn't older than the view's ttl_days. The file of labels, Parquet or CSV, has the key columns of the views
and event_timestamp. The result has a column view__feature for each feature. --keep-profile keeps what the values are like in the
bucket: drift is measured against it from then on.
${SERVER_HELP}

Examples:
  $ bucketworks feature training-set --labels labels.parquet --features texts --out training.parquet
  $ bucketworks feature training-set --labels labels.csv --features texts:words,texts:digit_share --out training.parquet --keep-profile

Exit codes: 0 written, 1 the specs have faults, 2 wrong use, 3 no server, a refusal, or files that don't fit`;

const result = z.object({ rows: z.number(), columns: z.array(z.string()), profiles: z.array(z.string()) });

/** `bucketworks feature training-set`: what was known at the moment of each label. */
export function trainingSetCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("training-set")
    .description("join features to labels as they were known then")
    .requiredOption("--labels <file>", "Parquet or CSV: keys, event_timestamp, and what is to be learnt")
    .requiredOption("--features <names>", "view:feature, or a view for all of its features; commas between them")
    .requiredOption("--out <file>", "Parquet file to write")
    .option("--keep-profile", "compare later values with these", false);
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (options: Options) => {
    const asked = storeAsked(checkout, options);
    const { labels, features, out, keepProfile } = options;
    const words = [`--labels=${labels}`, `--features=${features}`, `--out=${out}`];
    const made = await runFeatures(
      checkout,
      asked,
      ["training-set", ...words, ...(keepProfile ? ["--keep-profile"] : [])],
      result,
    );
    if (options.format === "json") return printJson({ schemaVersion: 1, platform: asked.platform, out, ...made });
    print(`${out}: ${made.rows} rows, ${made.columns.length} columns`);
    for (const profile of made.profiles) print(`${profile}: drift is measured against it from now on`);
  });
}
