import { join, relative } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { ASK, type FleetCommand } from "./fleet/ask.ts";
import { FleetBook } from "./fleet/book.ts";
import { reportPage, reportText } from "./fleet/report.ts";
import { type FleetReport, isSettled, type StackResult, worst } from "./fleet/result.ts";
import { runStacks } from "./fleet/run.ts";
import { namesIn, selected } from "./fleet/stacks.ts";
import { makePrivateFolder, writePrivate } from "./local/private-files.ts";
import { specSettings } from "./stack-file.ts";
import { readNamedFile } from "./terminal/named-file.ts";
import { print, printJson, tell } from "./terminal/print.ts";

const HELP = `
Does the same in many stacks, each on its own server: those of a file (--file, a name a line), those with a tag (--tag region=eu; a stack's
bucketworks:tags), or all that have settings here. So many at a time (--parallel). A stack that fails stops no other; one table at the end
has the gravest first, and a file with all that each said.

What came out is kept while a run goes on: after one that was ended, --resume leaves those out that came to their end.

Examples:
  $ bucketworks fleet preview
  $ bucketworks fleet scan --tag region=eu --parallel 8 --out reports/fleet
  $ bucketworks fleet up --file wave-1.txt --yes
  $ bucketworks fleet up --file wave-1.txt --yes --resume

Exit codes: 0 each stack is right, 1 findings or a failed update somewhere, 2 wrong use, 3 some stack couldn't be looked at`;

/** Each engine takes 300 MiB and more. */
const MOST_AT_ONCE = 32;

interface Options {
  readonly file?: string;
  readonly tag: Readonly<Record<string, string>>;
  readonly parallel: number;
  readonly resume?: boolean;
  readonly out?: string;
  readonly yes?: boolean;
  readonly format: "text" | "json";
}

const WHAT: Readonly<Record<FleetCommand, string>> = {
  preview: "what an update would change in each stack",
  up: "update each stack by its policies",
  scan: "compare each stack's server with its specs",
  verify: "compare each bucket with its spec, and try what each key may do",
};

/** `bucketworks fleet preview|up|scan|verify`. */
export function fleetCommand(): Command {
  const fleet = new Command("fleet")
    .description("do the same in many stacks, on many servers")
    .addHelpText("after", HELP);
  for (const name of Object.keys(WHAT) as FleetCommand[]) fleet.addCommand(oneCommand(name));
  return fleet;
}

function oneCommand(name: FleetCommand): Command {
  const command = new Command(name)
    .description(WHAT[name])
    .addHelpText("after", HELP)
    .option("--file <path>", "stacks, a name a line")
    .addOption(new Option("--tag <key=value>", "stacks with this tag; may be given again").default({}).argParser(tagOf))
    .addOption(new Option("--parallel <number>", "stacks at a time").default(4).argParser(countOf))
    .option("--resume", "leave out what the run before came to an end with")
    .option("--out <folder>", "write fleet.json and the page fleet.html there")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"));
  if (name === "up") command.option("--yes", "update without asking");
  return command.action((options: Options) => run(name, options));
}

async function run(name: FleetCommand, options: Options): Promise<void> {
  if (name === "up" && !options.yes) {
    throw new CommandError("fleet up changes many servers: look at fleet preview, then add --yes", EXIT.wrongUse);
  }
  const root = ownRoot();
  const all = specSettings(root);
  const names =
    options.file === undefined
      ? undefined
      : namesIn(readNamedFile(options.file, "name the file with the stacks, a name a line"));
  const stacks = selected(all, { names, tags: options.tag });
  const book = new FleetBook(root, name);
  const done = options.resume ? book.before().filter((each) => isSettled(name, each)) : [];
  const isDone = (stack: string): boolean => done.some((each) => each.stack === stack);
  const report = { schemaVersion: 1, command: name, began: new Date().toISOString(), stacks: stacks.length } as const;
  const results: StackResult[] = done.filter((each) => stacks.some(({ stack }) => stack === each.stack));
  if (results.length > 0) tell(`${results.length} of ${stacks.length} stacks came to their end before`);
  const left = stacks.filter(({ stack }) => !isDone(stack));
  await runStacks(
    left,
    options.parallel,
    ({ stack, stage }) => ASK[name](root, stack, stage),
    (result, said) => {
      const log = join(book.folder, `${result.stack}.log`);
      writePrivate(log, said);
      results.push({ ...result, log: relative(root, log) });
      book.write({ ...report, results });
      tell(`${results.length} of ${stacks.length}: ${result.stack}: ${result.what}`);
    },
  );
  show({ ...report, results }, options);
}

function show(report: FleetReport, { format, out }: Options): void {
  if (out !== undefined) {
    makePrivateFolder(out);
    writePrivate(join(out, "fleet.json"), JSON.stringify(report, undefined, 2));
    writePrivate(join(out, "fleet.html"), reportPage(report));
  }
  if (format === "json") printJson(report);
  else print(reportText(report));
  process.exitCode = worst(report.results);
}

/** @throws InvalidArgumentError */
function tagOf(given: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("a tag is key=value, like region=eu.");
  return { ...before, [key]: value };
}

/** @throws InvalidArgumentError */
function countOf(given: string): number {
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1 || count > MOST_AT_ONCE) {
    throw new InvalidArgumentError(`a whole number from 1 to ${MOST_AT_ONCE}.`);
  }
  return count;
}
