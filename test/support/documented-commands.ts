import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nodesOf, parsed } from "./markdown.ts";
import { ROOT } from "./toolchain.ts";

interface Described {
  readonly name: string;
  readonly arguments: readonly { readonly required: boolean; readonly variadic: boolean }[];
  readonly options: readonly { readonly flags: string; readonly choices: readonly string[] }[];
  readonly commands: readonly Described[];
}

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Lines of a page's blocks of `sh`. */
export function shellLines(page: string): string[] {
  const blocks = nodesOf(parsed(read(page))).flatMap((node) =>
    node.type === "code" && node.lang === "sh" ? [node.value] : [],
  );
  return blocks.flatMap((block) => block.split("\n"));
}

/** What is wrong with the commands of this project in a line of a shell; of other programs nothing is said. */
export function commandFaults(line: string): string[] {
  const ours = [
    ...line.matchAll(
      /(?<![\w/.-])(?:bin\/bucketworks|make|\.bucketworks\/pipelines\/[\w-]+\/bin\/[\w-]+)(?: (?:"[^"]*"|[^;&|)\n"])*)?/g,
    ),
  ];
  return ours.flatMap(([text]) => {
    const [program = "", ...words] = text.match(/"[^"]*"|[^\s>]+/g) ?? [];
    if (program === "make") return targetFaults(words);
    if (program === "bin/bucketworks") return describedFaults(words);
    return programFaults(program, words);
  });
}

function targetFaults(words: readonly string[]): string[] {
  const targets = new Set(
    [...read("Makefile").matchAll(/^([a-z][a-z -]*):/gm)].flatMap(([, names = ""]) => names.split(" ")),
  );
  return words.filter((word) => !word.includes("=") && !targets.has(word)).map((word) => `make has no ${word}`);
}

function describedFaults(words: readonly string[]): string[] {
  const { commands } = JSON.parse(read("docs/commands.json")) as { readonly commands: readonly Described[] };
  let among = commands;
  let command: Described | undefined;
  const rest = [...words];
  for (;;) {
    const found = among.find(({ name }) => name === rest[0]);
    if (found === undefined) break;
    [command, among] = [found, found.commands];
    rest.shift();
  }
  if (command === undefined || (command.commands.length > 0 && command.options.length === 0))
    return [`bucketworks has no ${words.slice(0, 2).join(" ")}`];
  const { name, options, arguments: wanted } = command;
  const faults: string[] = [];
  let given = 0;
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    if (!word.startsWith("-")) {
      given++;
      continue;
    }
    const option = options.find(({ flags }) => flags.split(/[ ,]+/).includes(word));
    if (option === undefined) faults.push(`${name} has no option ${word}`);
    if (option === undefined || !/[<[]/.test(option.flags)) continue;
    const value = rest.shift();
    if (value === undefined) faults.push(`${name} ${word} has no value`);
    else if (option.choices.length > 0 && !option.choices.includes(value))
      faults.push(`${name} ${word} takes no ${value}`);
  }
  const least = wanted.filter(({ required }) => required).length;
  if (given < least || (given > wanted.length && !wanted.some(({ variadic }) => variadic)))
    faults.push(`${name} takes ${wanted.length} arguments, not ${given}`);
  return faults;
}

/** A program of a Python package, and the options that its code adds. */
function programFaults(path: string, words: readonly string[]): string[] {
  const name = path.split("/").at(-1) ?? "";
  const owner = globSync("pipelines/*/pyproject.toml", { cwd: ROOT }).find((file) =>
    new RegExp(`^${name} = "`, "m").test(read(file)),
  );
  if (owner === undefined) return [`no package has the program ${name}`];
  const code = globSync(`${owner.replace("/pyproject.toml", "")}/**/*.py`, { cwd: ROOT })
    .map(read)
    .join("\n");
  const options = words.filter((word) => word.startsWith("--"));
  return options.filter((option) => !code.includes(`"${option}"`)).map((option) => `${name} has no option ${option}`);
}
