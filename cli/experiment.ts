import { Command } from "commander";
import { analyseCommand } from "./experiment/analyse.ts";
import { planCommand } from "./experiment/plan.ts";
import { reportCommand } from "./experiment/report.ts";
import { statusCommand } from "./experiment/status.ts";
import { stopCommand } from "./experiment/stop.ts";

/** `bucketworks experiment`: experiments on variants of a model, as the platforms' files ask for them. */
export function experimentCommand(): Command {
  const experiment = new Command("experiment").description(
    "experiments on variants of a model: plan, look, judge, stop",
  );
  for (const each of [planCommand(), statusCommand(), analyseCommand(), reportCommand(), stopCommand()])
    experiment.addCommand(each);
  return experiment;
}
