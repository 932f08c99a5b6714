import { type Command, Option } from "commander";
import { CommandError, EXIT } from "../ending/exit.ts";

/**
 * Has a command whose `--format` can be json take `--json` for it, too.
 * @throws CommandError, while it is parsed, where another format is asked for beside it
 */
export function takeJson(command: Command): void {
  const format = command.options.find((option) => option.attributeName() === "format");
  if (!format?.argChoices?.includes("json")) return;
  let asked: string | undefined;
  const take = (value: string): void => {
    if (asked !== undefined && asked !== value) {
      throw new CommandError("error: --json and --format name different forms; give one of them", EXIT.wrongUse);
    }
    asked = value;
  };
  command.addOption(new Option("--json", "the same as --format json"));
  command.on("option:format", take);
  command.on("option:json", () => {
    take("json");
    command.setOptionValueWithSource("format", "json", "cli");
  });
}
