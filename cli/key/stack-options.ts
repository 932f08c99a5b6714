import { type Command, Option } from "commander";

/** The stack whose keys are meant. */
export interface StackChoice {
  readonly stack: string;
  /** As it was called before. */
  readonly stage?: string;
}

/** Adds `--stack` to a command; `--stage` is taken, too. */
export function stackOptions(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack that made it", "dev")
    .addOption(new Option("--stage <name>").hideHelp());
}

export function stackName({ stack, stage }: StackChoice): string {
  return stage ?? stack;
}
