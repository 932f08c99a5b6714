import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { accountPolicySizes } from "../builders/account-policy-size.ts";
import { parseSpec } from "../config/document/load.ts";
import { newPlatform, platformNameFault } from "../config/document/new-platform.ts";
import { loadPlatforms } from "../config/document/platform-files.ts";
import { validate } from "../config/rules/validate.ts";
import { formatIssue } from "../config/spec.ts";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { specSettings } from "./stack-file.ts";
import { platformsDirOf, refuseUnreadable, stageOption } from "./target/specs.ts";
import { writeNamedFile } from "./terminal/named-file.ts";
import { print } from "./terminal/print.ts";

interface InitOptions {
  readonly dir?: string;
  readonly stage: string;
  readonly quiet?: boolean;
}

const HELP = `
The file is a small platform that passes check: two buckets, a job for each, a group of readers, a stage dev. An
existing file is never overwritten, and a platform whose names are taken by others is refused.

Examples:
  $ bucketworks init weather
  $ bucketworks init weather --dir /srv/platforms

Exit codes: 0 written, 2 wrong use (a bad name, a file that is there already)`;

/** `bucketworks init NAME`: a first platform file. */
export function initCommand(): Command {
  return new Command("init")
    .description("write a first platform file, NAME.yaml, where the stack has them")
    .argument("<NAME>", "name of the platform; its buckets and identities begin with it")
    .option("--dir <folder>", "folder of the platform files (default: the stack's, bucketworks:platformsDir)")
    .addOption(new Option("--stage <stage>", "the stack").argParser(stageOption).default("dev"))
    .option("--quiet", "print nothing")
    .addHelpText("after", HELP)
    .action(init);
}

function init(name: string, { dir, stage, quiet }: InitOptions): void {
  const fault = platformNameFault(name);
  if (fault !== null) throw wrong(`platform name ${JSON.stringify(name)} ${fault}`);
  const root = ownRoot();
  const platforms = platformsDirOf(specSettings(root), stage);
  const folder = dir ?? (relative(process.cwd(), join(root, platforms)) || ".");
  for (const file of [join(folder, `${name}.yml`), join(folder, `${name}.yaml`)]) {
    if (existsSync(file)) throw wrong(`${file} is there already; choose another name, or edit that file`);
  }
  const file = join(folder, `${name}.yaml`);
  const text = newPlatform(name, relative(folder, join(root, "docs", "schema.json")));
  refuseTaken(folder, file, text);
  write(folder, file, text);
  const program = relative(process.cwd(), join(root, "bin", "bucketworks"));
  if (quiet === true) return;
  print(nextCommands(name, file, program));
  if (dir === undefined) print(`  make up     # deploys the platforms of ${platforms} on the local server`);
}

/** The new file beside those that are there: faults of the others are not its own. */
function refuseTaken(folder: string, file: string, text: string): void {
  const others = existsSync(folder) ? loadPlatforms({ dir: folder }) : { documents: [], issues: [] };
  // a folder without platforms is no fault here
  refuseUnreadable(others.issues.filter((issue) => issue.code === "refused-file" || issue.file !== folder));
  const { document } = parseSpec(file, text);
  const use = { connection: false, credentials: false };
  const { issues } = validate([...others.documents, ...(document === null ? [] : [document])], {
    stage: null,
    env: {},
    use,
    rules: [accountPolicySizes],
  });
  // of two places the later is named, and files are judged by their order: the new one comes last
  const own = issues.filter((issue) => issue.file === file);
  if (own.length === 0) return;
  const lines = own.map((issue) => `error: ${formatIssue(issue)}`);
  throw wrong([`a new platform ${JSON.stringify(document?.platform)} would not pass check`, ...lines].join("\n"));
}

function write(folder: string, file: string, text: string): void {
  writeNamedFile(file, () => {
    mkdirSync(folder, { recursive: true });
    // wx: not even a file made in between is overwritten
    writeFileSync(file, text, { flag: "wx" });
  });
}

function nextCommands(name: string, file: string, program: string): string {
  return `wrote ${file}

next:
  $EDITOR ${file}
  ${program} check ${file}
  ${program} explain --stage dev ${file}
  ${program} path --file ${file} ${name}/${name}-raw data --source api --date 20250911`;
}

function wrong(message: string): CommandError {
  return new CommandError(`error: ${message}`, EXIT.wrongUse);
}
