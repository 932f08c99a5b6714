import { type Command, Option } from "commander";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { hasStackFile, readStackFile } from "../stack-file.ts";
import { stageOption } from "./specs.ts";

const OPTIONS = ["stage", "stack"] as const;
/** Commands whose --stage is an overlay of the specs; that of all others is a stack. */
const OF_SPECS = ["check", "explain", "path", "migrate"];

/**
 * Has a command that has `--stage` or `--stack` take the other one for it, too: a stack of the specs' commands means its stage.
 * @throws CommandError, while it is parsed, where both are given and differ
 */
export function takeStageOrStack(command: Command): void {
  const own = OPTIONS.find((name) => command.options.some((option) => option.attributeName() === name));
  if (own === undefined) return;
  const other = own === "stage" ? "stack" : "stage";
  const given: Partial<Record<(typeof OPTIONS)[number], string>> = {};
  const take = (name: (typeof OPTIONS)[number], text: string): string => {
    const named = own === "stage" ? stageOption(text) : text;
    given[name] = name === "stack" && OF_SPECS.includes(command.name()) ? stageOf(named) : named;
    const [value, before] = [given[name], given[name === "stage" ? "stack" : "stage"]];
    if (before === undefined || before === value) return value;
    throw new CommandError("error: --stage and --stack name different ones; give one of them", EXIT.wrongUse);
  };
  command.addOption(new Option(`--${other} <name>`).hideHelp());
  command.on(`option:${own}`, (text: string) => take(own, text));
  command.on(`option:${other}`, (text: string) => command.setOptionValueWithSource(own, take(other, text), "cli"));
}

/** The stage of a stack; a stack that has no file is taken for a stage. */
function stageOf(stack: string): string {
  return hasStackFile(ownRoot(), stack) ? (readStackFile(ownRoot(), stack).stage ?? stack) : stack;
}
