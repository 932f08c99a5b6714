import { Command, Option } from "commander";
import { checkSpecs, formatIssue, type SpecReport } from "../config/spec.ts";
import { EXIT } from "./exit.ts";
import { counted, print, printJson } from "./print.ts";
import { refuseUnreadable, specFiles, stageOption } from "./spec-source.ts";

interface CheckOptions {
  readonly stage?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
The files are judged as one stack's, each as written and with every overlay merged. Without --stage the
rules of a stage (default credentials, TLS) stay silent; with it they judge minio_config as if the stack
gave no endpoint and no credentials of its own.

Examples:
  $ bucketworks check
  $ bucketworks check my-platform.yaml --stage production
  $ bucketworks check --format json | jq -r '.issues[].code'

Exit codes: 0 no fault, 1 faults, 2 wrong use (an unknown option, a file that can't be read)`;

/** `bucketworks check [FILE...]`: the specs alone, no network, no credentials. */
export function checkCommand(): Command {
  return new Command("check")
    .description("judge platform files: every fault at once, with its place and its likely fix")
    .argument("[FILE...]", "platform files (default: config/platforms/*.yaml of this checkout)")
    .addOption(new Option("--stage <stage>", "add the rules of this stage").argParser(stageOption))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--quiet", "print faults only, no summary")
    .addHelpText("after", HELP)
    .action(check);
}

function check(files: string[], options: CheckOptions): void {
  const stage = options.stage ?? null;
  const report = checkSpecs({ ...specFiles(files), stage, env: process.env });
  refuseUnreadable(report.issues);
  process.exitCode = report.issues.length === 0 ? EXIT.right : EXIT.findings;
  if (options.format === "json") printJson({ schemaVersion: 1, stage, ...report });
  else printText(report, options.quiet ?? false);
}

function printText(report: SpecReport, quiet: boolean): void {
  for (const issue of report.issues) print(formatIssue(issue));
  if (!quiet) print(summary(report));
}

function summary({ files, buckets, issues }: SpecReport): string {
  const all = `${counted(files.length, "file")}, ${counted(buckets, "bucket")}`;
  if (issues.length === 0) return `${all}: right`;
  const faulty = new Set(issues.map(({ file }) => file)).size;
  return `${counted(issues.length, "fault")} in ${counted(faulty, "file")}`;
}
