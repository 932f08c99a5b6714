import { Command } from "commander";
import { applyCommand } from "./feature/apply.ts";
import { getCommand } from "./feature/get.ts";
import { materializeCommand } from "./feature/materialize.ts";
import { statusCommand } from "./feature/status.ts";
import { trainingSetCommand } from "./feature/training-set.ts";

/** `bucketworks feature`: the feature stores that platforms' files ask for. */
export function featureCommand(): Command {
  const feature = new Command("feature").description("feature stores: definitions, values online, training sets");
  const commands = [applyCommand(), materializeCommand(), trainingSetCommand(), getCommand(), statusCommand()];
  for (const each of commands) feature.addCommand(each);
  return feature;
}
