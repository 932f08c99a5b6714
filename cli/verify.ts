import { Command, Option } from "commander";
import { CouldNotLook } from "../verify/could-not-look.ts";
import type { NotRead, VerifyReport } from "../verify/verify.ts";
import { findingLine } from "../verify/words.ts";
import { CommandError, EXIT } from "./exit.ts";
import { counted, print, printJson } from "./print.ts";
import { stageOption } from "./spec-source.ts";
import { loadTarget } from "./target.ts";

interface VerifyOptions {
  readonly stage: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Reads every bucket of the stage from the live server, with a client that isn't the deploying one, and compares
it with the specs: versioning, tags, lifecycle, object lock, encryption, policy, quota. It changes nothing.
A bucket that can't be read is neither right nor wrong: it is named apart, and the exit code is 3.

The server is the one of Pulumi.<stage>.yaml (bucketworks:endpoint, secure, caFile), else of MINIO_ENDPOINT, for dev
that of make up, else of minio_config. Credentials: MINIO_ROOT_USER and MINIO_ROOT_PASSWORD, or the files that
MINIO_ROOT_USER_FILE and MINIO_ROOT_PASSWORD_FILE name.

Examples:
  $ bucketworks verify
  $ bucketworks verify --stage production --format json | jq -r '.findings[].path'

Exit codes: 0 the server is as the specs say, 1 it isn't, or the specs have faults, 2 wrong use, 3 could not look,
or not at all of it`;

/** `bucketworks verify [FILE...]`: the live server against the model. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description("compare the live server with the specs, bucket by bucket; changes nothing")
    .argument("[FILE...]", "platform files (default: the platforms of the stack)")
    .addOption(new Option("--stage <stage>", "the stack to look at").argParser(stageOption).default("dev"))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "findings only, no summary and no progress")
    .addHelpText("after", HELP)
    .action(verify);
}

async function verify(files: string[], { stage, format, quiet = false }: VerifyOptions): Promise<void> {
  const { model, server } = loadTarget({ stage, files, env: process.env });
  const report = await refusalAsMessage(async () => {
    // minio-js takes a while to load: only this command pays for it
    const { verifyStage } = await import("../verify/verify.ts");
    return verifyStage(model, server, quiet || !process.stderr.isTTY ? {} : { onProgress: showProgress });
  });
  process.exitCode = exitCode(report);
  if (format === "json") printJson({ schemaVersion: 1, ...report });
  else printText(report, quiet);
}

function exitCode({ findings, notRead }: VerifyReport): number {
  if (notRead.length > 0) return EXIT.couldNotLook;
  return findings.length > 0 ? EXIT.findings : EXIT.right;
}

async function refusalAsMessage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CouldNotLook) throw new CommandError(`verify: ${error.message}`, EXIT.couldNotLook);
    throw error;
  }
}

/** One line at the terminal, written over and taken away at the end. */
function showProgress(done: number, total: number): void {
  process.stderr.write(done < total ? `\r\u001b[Klooking at buckets: ${done} of ${total}` : "\r\u001b[K");
}

function printText(report: VerifyReport, quiet: boolean): void {
  for (const finding of report.findings) print(findingLine(finding));
  for (const line of notReadLines(report.notRead)) print(line);
  if (!quiet) print(summary(report));
}

/** One line a reason. */
function notReadLines(notRead: readonly NotRead[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { bucket, reason } of notRead) byReason.set(reason, [...(byReason.get(reason) ?? []), bucket]);
  return [...byReason].map(([reason, buckets]) => `could not read ${buckets.join(", ")}: ${reason}`);
}

function summary({ stage, server, buckets, findings, notRead }: VerifyReport): string {
  const where = `(stage ${stage}, ${server})`;
  if (findings.length === 0 && notRead.length === 0) return `${counted(buckets, "bucket")}: right ${where}`;
  const unread = notRead.length > 0 ? `, ${notRead.length} could not be read` : "";
  return `${counted(buckets, "bucket")}, ${counted(findings.length, "finding")}${unread} ${where}`;
}
