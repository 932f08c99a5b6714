import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type Asked, type AskedOptions, askedOptions, experimentNamed, experimentsAsked } from "./asked.ts";
import { analysed } from "./engine.ts";
import { looksOf, SERVER_HELP, stopOf, withRecords } from "./records.ts";

const HELP = `
Shows the experiments of the specs: how many units took part, of how many that are planned, whether they were dealt as declared,
and whether the experiment was stopped. It shows no result: experiment analyse does.
${SERVER_HELP}

Examples:
  $ bucketworks experiment status
  $ bucketworks experiment status newer-masker --format json

Exit codes: 0 shown, 1 the specs have faults, or units weren't dealt as declared, 2 wrong use, 3 no database, or a refusal`;

/** `bucketworks experiment status [NAME]`: how far experiments are. */
export function statusCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("status").description("show how far experiments are").argument("[name]");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (name: string | undefined, options: AskedOptions) => {
    const asked = name === undefined ? experimentsAsked(checkout, options) : [experimentNamed(checkout, name, options)];
    const experiments = [];
    for (const each of asked) experiments.push(await statusOf(checkout, each));
    if (experiments.some(({ isMismatched }) => isMismatched)) process.exitCode = 1;
    if (options.format === "json") return printJson({ schemaVersion: 1, experiments });
    if (experiments.length === 0) return print("no platform has an experiment");
    const rows = experiments.map((each) => [
      `${each.platform}/${each.experiment}`,
      each.stopped === null ? (each.units === 0 ? "nobody yet" : "running") : "stopped",
      String(each.units),
      String(each.plannedUnits),
      Object.entries(each.unitsByVariant)
        .map(([variant, count]) => `${variant} ${count}`)
        .join(", ") || "-",
      each.units === 0 ? "-" : each.isMismatched ? "NOT as declared" : "as declared",
    ]);
    print(table([["EXPERIMENT", "STATE", "UNITS", "PLANNED", "BY VARIANT", "SPLIT"], ...rows]));
  });
}

async function statusOf(checkout: Checkout, { platform, database, experiment, stage }: Asked) {
  const { looks, stopped } = await withRecords(checkout, { platform, database, stage }, async (client) => ({
    looks: await looksOf(client, experiment, new Date()),
    stopped: await stopOf(client, experiment),
  }));
  const { plan, analysis } = await analysed(checkout, experiment, looks.slice(-1));
  const unitsByVariant = analysis.looks.at(-1)?.units ?? {};
  return {
    platform,
    experiment: experiment.name,
    stopped,
    units: Object.values(unitsByVariant).reduce((all, count) => all + count, 0),
    unitsByVariant,
    plannedUnits: plan.units,
    isMismatched: analysis.verdict === "mismatch",
  };
}
