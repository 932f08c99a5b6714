import type { Argument, Command, Option } from "commander";

/** A command as help, completion and the man page tell of it: plain JSON, without its program. */
export interface CommandDescription {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly ArgumentDescription[];
  readonly options: readonly OptionDescription[];
  /** Examples and exit codes; empty where it has none. */
  readonly more: string;
  readonly commands: readonly CommandDescription[];
}

export interface ArgumentDescription {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly choices: readonly string[];
}

export interface OptionDescription {
  /** As help writes them: `-q, --quiet`, `--stage <stage>`. */
  readonly flags: string;
  readonly description: string;
  readonly choices: readonly string[];
  /** As help says it; empty is none. */
  readonly default: string;
  /** The environment variable that sets it, too; empty is none. */
  readonly env: string;
  readonly hidden: boolean;
}

/** Describes a command and those below it. */
export function describeCommand(command: Command): CommandDescription {
  return {
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map(describeArgument),
    options: command.options.map(describeOption),
    more: textAfterHelp(command),
    commands: command.commands.map(describeCommand),
  };
}

function describeArgument(argument: Argument): ArgumentDescription {
  const { description, required, variadic, argChoices = [] } = argument;
  return { name: argument.name(), description, required, variadic, choices: argChoices };
}

function describeOption({ flags, description, argChoices = [], ...option }: Option): OptionDescription {
  const { defaultValue, defaultValueDescription, envVar = "", hidden } = option;
  const shown = defaultValueDescription ?? (typeof defaultValue === "string" ? defaultValue : "");
  return { flags, description, choices: argChoices, default: shown, env: envVar, hidden };
}

/** What a command adds to its help: commander hands it out as part of the whole alone. */
function textAfterHelp(command: Command): string {
  let text = "";
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: (part) => (text += part) });
  command.outputHelp();
  command.configureOutput(before);
  return text.slice(command.helpInformation().length).trim();
}
