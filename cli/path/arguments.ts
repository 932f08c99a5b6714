import { CommandError, EXIT } from "../ending/exit.ts";

export interface PathArguments {
  /** What stands there without dashes: the bucket and the name of the path. */
  readonly words: readonly string[];
  /** Values by placeholder. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Parts the words of a command line from its values: `--run-id X` and `--run-id=X` are placeholder `run_id`.
 * @param set `NAME=VALUE` pairs, for placeholders whose names are options of the command
 */
export function pathArguments(args: readonly string[], set: readonly string[]): PathArguments {
  const words: string[] = [];
  const values: Record<string, string> = {};
  const put = (name: string, value: string | undefined, option: string): void => {
    const placeholder = name.replaceAll("-", "_");
    if (value === undefined) throw wrong(`${option} has no value`);
    if (Object.hasOwn(values, placeholder)) throw wrong(`${placeholder} is given twice`);
    values[placeholder] = value;
  };
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const option = /^--([a-z][a-z0-9_-]*)(?:=(.*))?$/s.exec(word);
    if (option !== null) put(option[1] ?? "", option[2] ?? args[++at], word);
    else if (word.startsWith("-")) throw wrong(`unknown option ${word}; a value is given as --NAME VALUE`);
    else words.push(word);
  }
  for (const pair of set) {
    const [, name, value] = /^([a-z][a-z0-9_-]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined) throw wrong(`--set ${pair} must be NAME=VALUE`);
    put(name, value, "--set");
  }
  return { words, values };
}

function wrong(message: string): CommandError {
  return new CommandError(`error: ${message}`, EXIT.wrongUse);
}
