import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import type { CommandDescription } from "./description.ts";

/** From the checkout; `make docs` writes it, and a test proves it fresh. */
export const INDEX = join("docs", "commands.json");

export function indexText(commands: readonly CommandDescription[]): string {
  return `${JSON.stringify({ schemaVersion: 1, commands }, undefined, 2)}\n`;
}

/**
 * What `make docs` wrote of all commands, read instead of loading each: some bring a whole SDK along. Empty where the
 * file isn't there, as in an image, or can't be read: who asks then loads them.
 */
export function readIndex(root: string): readonly CommandDescription[] {
  try {
    return (JSON.parse(readFileSync(join(root, INDEX), "utf8")) as { commands: CommandDescription[] }).commands;
  } catch {
    return [];
  }
}

/** Stands for a command in the list of all: it has its name and words, and does nothing. */
export function listed({ name, description, arguments: all, options }: CommandDescription): Command {
  const command = new Command(name).description(description);
  for (const { flags } of options.filter(({ hidden }) => !hidden)) command.addOption(new Option(flags));
  for (const { name: word, required, variadic } of all) {
    const dots = variadic ? "..." : "";
    command.addArgument(new Argument(required ? `<${word}${dots}>` : `[${word}${dots}]`));
  }
  return command;
}
