import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, experimentNamed } from "./asked.ts";
import { planned } from "./engine.ts";
import { measureWords } from "./words.ts";

const HELP = `
Says how many units an experiment needs, so that its smallest effect is found with its power at one of its planned looks, by
the same test that judges it. It asks no server.

Examples:
  $ bucketworks experiment plan newer-masker
  $ bucketworks experiment plan newer-masker --format json

Exit codes: 0 shown, 1 the specs have faults, 2 wrong use, 3 the statistics can't be had`;

/** `bucketworks experiment plan NAME`: how many units it needs. */
export function planCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("plan").description("say how many units an experiment needs").argument("<name>");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (name: string, options: AskedOptions) => {
    const { platform, experiment } = experimentNamed(checkout, name, options);
    const plan = await planned(checkout, experiment);
    if (options.format === "json") return printJson({ schemaVersion: 1, platform, experiment: name, plan });
    const { looks, power, confidence, metric, minimumEffect, variants } = experiment;
    const each = variants.map((one) => `${one.name} ${plan.perVariant[one.name]}`).join(", ");
    print(
      [
        `${name} of ${platform}: ${measureWords(metric)}, ${metric.baseline} without it`,
        `units in all      ${plan.units} (${each})`,
        `until             ${plan.days} days, ${looks.number} looks, ${plan.perLook} new units for each`,
        `finds             a difference of ${minimumEffect} in ${Math.round(plan.power * 100)} of 100 experiments (asked for: ${Math.round(power * 100)})`,
        `finds wrongly     one where there is none in ${Number(((1 - confidence) * 100).toFixed(2))} of 100 at most, however often somebody looks`,
      ].join("\n"),
    );
  });
}
