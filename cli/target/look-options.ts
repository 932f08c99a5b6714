import { type Command, Option } from "commander";
import { stageOption } from "./specs.ts";

/** The options by which every command that looks at a server is told which one: `lookTarget` takes what they say. */
export function addLookOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--stage <stage>", "the stack to look at")
        .env("BUCKETWORKS_STAGE")
        .argParser(stageOption)
        .default("dev"),
    )
    .addOption(new Option("--server <url>", "another server than the stack's").env("BUCKETWORKS_SERVER"))
    .addOption(
      new Option("--ca-file <file>", "PEM file of the CA that signed its certificate").env("BUCKETWORKS_CA_FILE"),
    );
}
