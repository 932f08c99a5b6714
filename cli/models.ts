import { Command } from "commander";
import { compareCommand } from "./models/compare.ts";
import { listCommand } from "./models/list.ts";
import { promoteCommand } from "./models/promote.ts";

/** `bucketworks models`: what MLflow's registry holds. MLflow is the one store: nothing is kept here. */
export function modelsCommand(): Command {
  const models = new Command("models").description("registered models of a platform's MLflow");
  for (const command of [listCommand(), compareCommand(), promoteCommand()]) models.addCommand(command);
  return models;
}
