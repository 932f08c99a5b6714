import { type Command, Option } from "commander";
import { CommandError, EXIT } from "../ending/exit.ts";

/**
 * Has a command whose `--format` can be json take `--json` for it, too.
 * @throws CommandError, while it is parsed, where another format is asked for beside it
 */
export function takeJson(command: Command): void {
  const format = command.options.find((option) => option.attributeName() === "format");
  if (!format?.argChoices?.includes("json")) return;
  let isJson = false;
  let named: string | undefined;
  const judge = (): void => {
    if (isJson && named !== undefined && named !== "json") {
      throw new CommandError("error: --json and --format name different forms; give one of them", EXIT.wrongUse);
    }
  };
  command.addOption(new Option("--json", "the same as --format json"));
  command.on("option:format", (value: string) => {
    named = value;
    judge();
  });
  command.on("option:json", () => {
    isJson = true;
    judge();
    command.setOptionValueWithSource("format", "json", "cli");
  });
}
