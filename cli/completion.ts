import { Argument, Command } from "commander";
import { oneLine } from "../config/text/plain.ts";
import { ownRoot } from "./checkout.ts";
import { type Candidates, candidates } from "./completion/candidates.ts";
import { FILES, SCRIPTS, SHELLS, type Shell } from "./completion/scripts.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { type CommandDescription, describeCommand } from "./help/description.ts";
import { readIndex } from "./help/index.ts";
import { printExact } from "./terminal/print.ts";

const HELP = `
Prints what a shell evaluates to complete commands, options, their values, stacks, platforms, buckets and identities.
The shell asks bucketworks with each press of the tab key, so the script needs no renewal.

  bash   eval "$(bucketworks completion bash)"       in ~/.bashrc
  zsh    eval "$(bucketworks completion zsh)"        in ~/.zshrc, after compinit
  fish   bucketworks completion fish | source        in ~/.config/fish/config.fish

Example:
  $ eval "$(bucketworks completion bash)"

Exit codes: 0 printed, 2 wrong use`;

interface Options {
  readonly for?: string;
}

/**
 * `bucketworks completion SHELL`; with `--for` what the scripts ask.
 * @param everyCommand loads all, where nobody has described them
 */
export function completionCommand(everyCommand: () => Promise<Command>): Command {
  return new Command("completion")
    .description("print what makes a shell complete bucketworks")
    .addArgument(new Argument("[WORD...]", "bash, zsh or fish"))
    .option("--for <word>", "answer a script: what may stand for this word, after the words given")
    .addHelpText("after", HELP)
    .action(async (words: string[], options: Options) => {
      if (options.for !== undefined) return await printCandidates(await wholeProgram(everyCommand), words, options.for);
      const [shell, ...more] = words;
      if (shell === undefined || more.length > 0 || !SHELLS.includes(shell as Shell)) {
        const message = `completion: ${JSON.stringify(words.join(" "))} is no shell; allowed are ${SHELLS.join(", ")}`;
        throw new CommandError(message, EXIT.wrongUse);
      }
      printExact(SCRIPTS[shell as Shell]);
    });
}

async function wholeProgram(everyCommand: () => Promise<Command>): Promise<CommandDescription> {
  const commands = readIndex(ownRoot());
  if (commands.length > 0) {
    return { name: "bucketworks", description: "", arguments: [], options: [], more: "", commands };
  }
  return describeCommand(await everyCommand());
}

async function printCandidates(program: CommandDescription, before: readonly string[], current: string): Promise<void> {
  // bash makes words of their own of the equals signs in --format=json
  const whole = before.filter((word) => word !== "=");
  for (const line of await linesOf(candidates(program, whole, current === "=" ? "" : current))) printExact(line);
}

async function linesOf(found: Candidates): Promise<string[]> {
  if (found.kind === "files") return [FILES];
  if (found.kind === "words") return found.words.map(({ word, description }) => `${word}\t${oneLine(description)}`);
  try {
    return (await namesOf(found.kind)).map((name) => `${oneLine(name)}\t`);
  } catch {
    // A shell that completes shows no fault: check tells of those of the specs.
    return [];
  }
}

/** Of this checkout, as stage dev has them. */
async function namesOf(kind: Exclude<Candidates["kind"], "files" | "words">): Promise<string[]> {
  if (kind === "stacks") {
    const { specSettings } = await import("./stack-file.ts");
    return specSettings(ownRoot()).map(({ stack }) => stack);
  }
  const { modelOf } = await import("./target/specs.ts");
  const { platforms } = modelOf({ stage: "dev", files: [] });
  const found = platforms.flatMap(({ name, buckets, access }) => {
    if (kind === "platforms") return [name];
    if (kind === "buckets") return buckets.map((bucket) => bucket.name);
    return [...access.users, ...access.serviceAccounts].map((identity) => identity.name);
  });
  return [...new Set(found)].sort();
}
