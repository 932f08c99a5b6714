import type { ArgumentDescription, CommandDescription, OptionDescription } from "../help/description.ts";

/** What may stand at the end of a line that is being typed. */
export type Candidates =
  | { readonly kind: "words"; readonly words: readonly Candidate[] }
  /** Of this checkout: looked up by who asks. */
  | { readonly kind: "stacks" | "platforms" | "buckets" | "identities" }
  /** The shell's own completion of paths. */
  | { readonly kind: "files" };

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

const NOTHING: Candidates = { kind: "words", words: [] };
/** Shells that complete have this one's words before the program's own. */
const HELP: OptionDescription = {
  ...{ flags: "-h, --help", description: "display help for command" },
  ...{ choices: [], default: "", env: "", hidden: false },
};

/**
 * What may follow. Pure.
 * @param program all commands
 * @param before the words after `bucketworks` that are whole
 * @param current the word that is being typed; may be empty
 */
export function candidates(program: CommandDescription, before: readonly string[], current: string): Candidates {
  let command = program;
  let place = 0;
  let open: OptionDescription | undefined;
  let isLiteral = false;
  for (const word of before) {
    if (open !== undefined) open = undefined;
    else if (word === "--") isLiteral = true;
    else if (word.startsWith("-") && !isLiteral) {
      const option = optionOf(command, word);
      open = option !== undefined && takesValue(option) && !word.includes("=") ? option : undefined;
    } else {
      const below = place === 0 ? command.commands.find(({ name }) => name === word) : undefined;
      if (below === undefined) place++;
      else command = below;
    }
  }
  if (open !== undefined) return valuesOf(open);
  if (current.startsWith("-") && !isLiteral) return optionsOf(command, current);
  if (place === 0 && command.commands.length > 0) return commandsOf(command);
  const argument = command.arguments[place] ?? command.arguments.filter(({ variadic }) => variadic).at(-1);
  return argument === undefined ? NOTHING : argumentsOf(argument);
}

/** Options of the command, or the values of the one that `--name=` begins. */
function optionsOf(command: CommandDescription, current: string): Candidates {
  if (current.includes("=")) {
    const option = optionOf(command, current);
    const values = option === undefined ? NOTHING : valuesOf(option);
    if (values.kind !== "words") return values;
    const name = current.slice(0, current.indexOf("=") + 1);
    return { kind: "words", words: values.words.map(({ word, description }) => ({ word: name + word, description })) };
  }
  const shown = [...command.options, HELP].filter(({ hidden }) => !hidden);
  return {
    kind: "words",
    words: shown.map(({ flags, description }) => ({ word: namesOf(flags).at(-1) ?? "", description })),
  };
}

function commandsOf({ commands }: CommandDescription): Candidates {
  return { kind: "words", words: commands.map(({ name, description }) => ({ word: name, description })) };
}

function argumentsOf({ name, choices }: ArgumentDescription): Candidates {
  return choices.length > 0 ? wordsOf(choices) : named(name);
}

function valuesOf({ flags, choices }: OptionDescription): Candidates {
  if (choices.length > 0) return wordsOf(choices);
  if (/--(stage|stack|from|to)\b/.test(flags) && !/<(file|date)/i.test(flags)) return { kind: "stacks" };
  if (/--platform\b/.test(flags)) return { kind: "platforms" };
  return named(/[<[]([^>\]]+)/.exec(flags)?.[1] ?? "");
}

/** By the word that help has for a value. */
function named(placeholder: string): Candidates {
  const word = placeholder.replace("...", "").toLowerCase();
  if (/^(file|dir|folder|path|command)$/.test(word)) return { kind: "files" };
  if (word === "bucket") return { kind: "buckets" };
  if (word === "platform") return { kind: "platforms" };
  if (word === "identity" || word === "user") return { kind: "identities" };
  return NOTHING;
}

function wordsOf(words: readonly string[]): Candidates {
  return { kind: "words", words: words.map((word) => ({ word, description: "" })) };
}

function optionOf(command: CommandDescription, word: string): OptionDescription | undefined {
  const [name = ""] = word.split("=");
  return command.options.find(({ flags }) => namesOf(flags).includes(name));
}

function namesOf(flags: string): string[] {
  return flags.split(/[ ,]+/).filter((part) => part.startsWith("-"));
}

function takesValue({ flags }: OptionDescription): boolean {
  return flags.includes("<");
}
