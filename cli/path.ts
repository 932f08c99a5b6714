import { randomInt } from "node:crypto";
import { Command, Option } from "commander";
import type { Bucket, ResolvedModel } from "../config/model.ts";
import { findPath } from "../config/paths/bucket-paths.ts";
import { buildKey, type PathFault, placeholdersOf } from "../config/paths/paths.ts";
import { formOf } from "../config/paths/placeholders.ts";
import { newRunId } from "../config/paths/run-id.ts";
import { nearest } from "../config/values/nearest.ts";
import { CommandError, EXIT, type ExitCode } from "./ending/exit.ts";
import { pathArguments } from "./path/arguments.ts";
import { modelOf, stageOption } from "./target/specs.ts";
import { print, printExact, printJson, table } from "./terminal/print.ts";

interface PathOptions {
  readonly stage: string;
  readonly stack?: string;
  readonly file?: string[];
  readonly parse?: string;
  readonly set?: string[];
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
A value is given as --NAME VALUE, dashes for underscores: --run-id is {run_id}. A placeholder that is called like an
option of this command is given by --set. --run-id new makes a run id from the time, in UTC, and six random characters.
Values are checked for their form, for example that a date is a day. Without PATH the templates are listed.

Examples:
  $ bucketworks path usdcop/00-raw-usdcop-marketdata mt5 --timeframe m5 --date 20250911
  source=mt5/market=usdcop/timeframe=m5/date=20250911/
  $ bucketworks path usdcop/00-raw-usdcop-marketdata control --date 20250911 --run-id new
  $ bucketworks path usdcop/00-raw-usdcop-marketdata --parse source=mt5/market=usdcop/timeframe=m5/date=20250911/a.csv
  $ bucketworks path usdcop/00-raw-usdcop-marketdata

Exit codes: 0 printed, 1 the specs have faults or the key follows no template, 2 wrong use (an unknown bucket or path,
a value that is missing, unknown or malformed)`;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** `bucketworks path BUCKET [PATH] [--NAME VALUE...]`: builds keys from a bucket's templates, and takes them apart. */
export function pathCommand(): Command {
  return new Command("path")
    .description("build an object key from a path template, or take one apart")
    .usage("PLATFORM/BUCKET [PATH] [--NAME VALUE...] [options]")
    .argument("[WORD...]")
    .option("--parse <key>", "take this key apart instead")
    .option("--set <name=value>", "a value, for any placeholder", collect)
    .option("--file <file>", "platform file, again for more (default: those of the stack)", collect)
    .addOption(new Option("--stage <stage>", "the stage").argParser(stageOption).default("production"))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--quiet", "lists without a heading")
    .allowUnknownOption()
    .addHelpText("after", HELP)
    .action(path);
}

function path(args: string[], options: PathOptions): void {
  const { words, values } = pathArguments(args, options.set ?? []);
  const [target, name, ...more] = words;
  if (target === undefined) throw refusal(["error: a bucket is missing, as PLATFORM/BUCKET"]);
  if (more.length > 0) throw refusal([`error: ${more.join(" ")} is too much: give one bucket and one path`]);
  const bucket = bucketOf(modelOf({ files: options.file ?? [], stage: options.stage, stack: options.stack }), target);
  if (options.parse !== undefined) {
    if (name !== undefined) throw refusal(["error: --parse finds the path by itself, leave its name out"]);
    parse(bucket, options.parse, options.format);
  } else if (name === undefined && Object.keys(values).length === 0) list(bucket, options);
  else build(bucket, name, values, options.format);
}

function bucketOf(model: ResolvedModel, target: string): Bucket {
  const buckets = model.platforms.flatMap((platform) => platform.buckets);
  const names = buckets.map(({ platform, name }) => `${platform}/${name}`);
  const bucket = buckets.find(({ platform, name }) => target === name || target === `${platform}/${name}`);
  if (bucket !== undefined) return bucket;
  const near = nearest(target, target.includes("/") ? names : buckets.map(({ name }) => name));
  const fix = near === null ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  throw refusal([`error: no bucket ${target}; ${fix}`]);
}

function build(bucket: Bucket, name: string | undefined, given: Record<string, string>, format: string): void {
  const names = Object.keys(bucket.paths);
  const template = name !== undefined && Object.hasOwn(bucket.paths, name) ? bucket.paths[name] : undefined;
  if (name === undefined || template === undefined) {
    const near = name === undefined ? null : nearest(name, names);
    const fix = near === null ? `${bucket.name} has ${names.join(", ") || "none"}` : `did you mean ${near}?`;
    throw refusal([`error: ${name === undefined ? "the path is missing" : `no path ${name}`}; ${fix}`]);
  }
  const values = given.run_id === "new" ? { ...given, run_id: newRunId(new Date(), randomInt) } : given;
  const built = buildKey(template, values);
  if (!built.ok) throw refusal(built.faults.map((fault) => `error: ${faultText(fault)}`));
  const { key } = built;
  const uri = `s3://${bucket.name}/${key}`;
  if (format === "text") printExact(key);
  else printJson({ schemaVersion: 1, platform: bucket.platform, bucket: bucket.name, path: name, key, uri, values });
}

function parse(bucket: Bucket, key: string, format: string): void {
  const found = findPath(bucket.paths, key);
  if (!found.ok) {
    const lines = found.faults.map((fault) => `${JSON.stringify(key)}: ${faultText(fault)}`);
    throw refusal([...lines, `the key follows no path of ${bucket.name}`], EXIT.findings);
  }
  const { name, template, values, rest } = found;
  const rows = [["path", name], ...Object.entries(values), ...(rest === "" ? [] : [["object", rest]])];
  if (format === "text") print(rows.map(([what, value]) => `${what}: ${value}`).join("\n"));
  else
    printJson({
      schemaVersion: 1,
      platform: bucket.platform,
      bucket: bucket.name,
      path: name,
      template,
      key,
      values,
      rest,
    });
}

function list({ platform, name: bucket, paths }: Bucket, { format, quiet }: PathOptions): void {
  const templates = Object.entries(paths);
  const head = quiet === true ? [] : [["PATH", "TEMPLATE"]];
  const described = templates.map(([name, template]) => ({ name, template, placeholders: placeholders(template) }));
  if (format === "text") print(table([...head, ...templates]));
  else printJson({ schemaVersion: 1, platform, bucket, paths: described });
}

function placeholders(template: string): { name: string; form: string; example: string }[] {
  return placeholdersOf(template).map((name) => ({ name, form: formOf(name).says, example: formOf(name).example }));
}

function faultText({ message, fix }: PathFault): string {
  return `${message}; ${fix}`;
}

function refusal(lines: readonly string[], code: ExitCode = EXIT.wrongUse): CommandError {
  return new CommandError(lines.join("\n"), code);
}
