import { writeFileSync } from "node:fs";
import { Command } from "commander";
import type { Experiment } from "../../config/model.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { EXIT } from "../ending/exit.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, experimentNamed } from "./asked.ts";
import type { Analysis, Plan } from "./engine.ts";
import { analysisJson, judged } from "./judged.ts";
import { SERVER_HELP } from "./records.ts";
import { figure, measureWords, signed, verdictWords } from "./words.ts";

interface Options extends AskedOptions {
  readonly out?: string;
}

const HELP = `
Judges an experiment by what was recorded until now. Its intervals hold at all looks together, so it may be run as often as
anybody likes. Where units weren't dealt as declared there is no verdict: who is missing isn't missing by chance.
--out writes a page with plots that needs nothing else.
${SERVER_HELP}

Examples:
  $ bucketworks experiment analyse newer-masker --out newer-masker.html
  $ bucketworks experiment analyse newer-masker --format json | jq .analysis.verdict

Exit codes: 0 shown, 1 a guardrail is broken or the split isn't as declared, or the specs have faults, 2 wrong use, 3 no
database, or a refusal`;

/** `bucketworks experiment analyse NAME`: what its records say. */
export function analyseCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("analyse")
    .description("judge an experiment by what was recorded")
    .argument("<name>")
    .option("--out <file>", "write a page with plots, too");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (name: string, options: Options) => {
    const asked = experimentNamed(checkout, name, options);
    const found = await judged(checkout, asked);
    const { experiment, plan, analysis } = found;
    if (analysis.verdict === "mismatch" || analysis.verdict === "harm") process.exitCode = EXIT.findings;
    if (options.out !== undefined) {
      const { experimentPage } = await import("./page.ts");
      writeFileSync(options.out, experimentPage(found));
    }
    if (options.format === "json") {
      printJson(analysisJson(found));
    } else print(analysisText(experiment, plan, analysis));
  });
}

function analysisText(experiment: Experiment, plan: Plan, analysis: Analysis): string {
  const last = analysis.looks.at(-1);
  const head = [`${experiment.name}: ${verdictWords(analysis)}`, ...analysis.reasons.map((reason) => `  ${reason}`)];
  // Numbers of a wrong split would be taken for results.
  if (last === undefined || analysis.verdict === "mismatch") return head.join("\n");
  const metrics = [
    { name: "metric", words: measureWords(experiment.metric) },
    ...experiment.guardrails.map((each) => ({
      name: each.name,
      words: `guardrail ${each.name}: ${measureWords(each)}`,
    })),
  ];
  const percent = Number(((1 - plan.alpha) * 100).toFixed(2));
  const parts = metrics.map(({ name, words }) => {
    const found = last.metrics[name];
    const rows = experiment.variants.map((variant) => {
      const difference = found?.differences[variant.name];
      return [
        variant.name,
        String(last.units[variant.name] ?? 0),
        figure(found?.means[variant.name]),
        variant.name === experiment.control ? "control" : difference ? signed(difference.estimate) : "-",
        difference ? `${signed(difference.low)} to ${signed(difference.high)}` : "",
      ];
    });
    return `${words}\n${table([["VARIANT", "UNITS", "MEAN", "DIFFERENCE", `${percent} % INTERVAL`], ...rows])}`;
  });
  return [...head, "", ...parts].join("\n");
}
