import type { CommandDescription, OptionDescription } from "./description.ts";

/** The manual page of the whole program, as `man` reads it (man(7)). Pure; without a date, so that it stays as it is. */
export function manPage({ description, options, more, commands }: CommandDescription, version: string): string {
  return [
    `.TH BUCKETWORKS 1 "" "bucketworks ${version}" "Bucketworks"`,
    ".SH NAME",
    `bucketworks \\- ${roff(description)}`,
    ".SH SYNOPSIS",
    ".B bucketworks",
    ".I COMMAND",
    "[options] [arguments]",
    ".SH OPTIONS",
    ...options.flatMap(optionLines),
    ".SH COMMANDS",
    ...commands.flatMap((command) => commandLines(command, "")),
    ".SH EXIT STATUS",
    ...EXIT_LINES,
    ...(more === "" ? [] : literal(more)),
    ".SH ENVIRONMENT",
    ...environment(commands),
    "",
  ].join("\n");
}

const EXIT_LINES = [
  ...[".TP", "0", "right"],
  ...[".TP", "1", "findings"],
  ...[".TP", "2", "wrong use"],
  ...[".TP", "3", "could not look"],
];

function commandLines({ name, description, ...command }: CommandDescription, above: string): string[] {
  const path = `${above}${name}`;
  const words = command.arguments.map(({ name: word, required, variadic }) => {
    const shown = variadic ? `${word}...` : word;
    return required ? shown : `[${shown}]`;
  });
  const shown = command.options.filter(({ hidden }) => !hidden);
  return [
    `.SS ${roff(`"bucketworks ${[path, ...words].join(" ")}"`)}`,
    roff(description),
    ...command.arguments.flatMap((each) => [".TP", `\\fI${roff(each.name)}\\fR`, roff(each.description)]),
    ...shown.flatMap(optionLines),
    ...(command.more === "" ? [] : literal(command.more)),
    ...command.commands.flatMap((each) => commandLines(each, `${path} `)),
  ];
}

function optionLines({ flags, description, choices, env, ...option }: OptionDescription): string[] {
  const notes = [
    ...(choices.length === 0 ? [] : [`one of ${choices.join(", ")}`]),
    ...(option.default === "" ? [] : [`default: ${option.default}`]),
    ...(env === "" ? [] : [`also from ${env}`]),
  ];
  const said = notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
  return [".TP", `\\fB${roff(flags)}\\fR`, roff(said)];
}

/** Lines as they stand. */
function literal(text: string): string[] {
  return [".PP", ".nf", ...text.split("\n").map(roff), ".fi"];
}

function environment(commands: readonly CommandDescription[]): string[] {
  const all = (command: CommandDescription): OptionDescription[] => [
    ...command.options,
    ...command.commands.flatMap(all),
  ];
  const named = commands.flatMap(all).filter(({ env }) => env !== "");
  const first = new Map(named.map(({ env, flags }) => [env, flags]));
  return [
    ...[...first].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, flags]) => [".TP", name, `as ${roff(flags)}`]),
    ...[".TP", "NO_COLOR", "no colours, also at a terminal"],
  ];
}

/** Text in which nothing is a request or an escape of roff. */
function roff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
