import { Command, Option } from "commander";
import { CouldNotLook } from "../verify/could-not-look.ts";
import type { IdentityReport } from "../verify/identities/verify.ts";
import type { NotRead, VerifyReport } from "../verify/verify.ts";
import { findingLine, identityLine, waitingLine } from "../verify/words.ts";
import { CommandError, EXIT } from "./exit.ts";
import { ownRoot } from "./local/checkout.ts";
import { lookAtIdentities } from "./look-at-identities.ts";
import { counted, print, printJson } from "./print.ts";
import { stageOption } from "./spec-source.ts";
import { loadTarget } from "./target.ts";

interface VerifyOptions {
  readonly stage: string;
  readonly format: "text" | "json";
  readonly identities: boolean;
  readonly quiet?: boolean;
}

type Report = VerifyReport & { readonly identities: IdentityReport | null };

const HELP = `
Reads every bucket of the stage from the live server, with a client that isn't the deploying one, and compares
it with the specs: versioning, tags, lifecycle, object lock, encryption, policy, quota. Then tries, with the key of
each user and service account, what it may do and what it may not: it begins uploads and aborts them, deletes names
that no object has, and leaves nothing behind.
What can't be read or tried is neither right nor wrong: it is named apart, and the exit code is 3.

The server is the one of Pulumi.<stage>.yaml (bucketworks:endpoint, secure, caFile), else of MINIO_ENDPOINT, for dev
that of make up, else of minio_config. Credentials: MINIO_ROOT_USER and MINIO_ROOT_PASSWORD, or the files that
MINIO_ROOT_USER_FILE and MINIO_ROOT_PASSWORD_FILE name. Keys of identities come from the stack's outputs.

Examples:
  $ bucketworks verify
  $ bucketworks verify --stage production --format json | jq -r '.findings[].path'
  $ bucketworks verify --no-identities config/platforms/usdcop.yaml

Exit codes: 0 the server is as the specs say, 1 it isn't, or the specs have faults, 2 wrong use, 3 could not look,
or not at all of it`;

/** `bucketworks verify [FILE...]`: the live server against the model. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description("compare the live server with the specs, and try what each identity may do")
    .argument("[FILE...]", "platform files (default: the platforms of the stack)")
    .addOption(new Option("--stage <stage>", "the stack to look at").argParser(stageOption).default("dev"))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--no-identities", "buckets only: needs no stack")
    .option("-q, --quiet", "findings only, no summary and no progress")
    .addHelpText("after", HELP)
    .action(verify);
}

async function verify(files: string[], { stage, format, identities, quiet = false }: VerifyOptions): Promise<void> {
  const { model, server } = loadTarget({ stage, files, env: process.env });
  const report = await refusalAsMessage(async (): Promise<Report> => {
    // minio-js takes a while to load: only this command pays for it
    const { verifyStage } = await import("../verify/verify.ts");
    const buckets = await verifyStage(
      model,
      server,
      quiet || !process.stderr.isTTY ? {} : { onProgress: showProgress },
    );
    const stack = { root: ownRoot(), env: process.env, name: stage };
    return { ...buckets, identities: identities ? await lookAtIdentities(model, server, stack) : null };
  });
  process.exitCode = exitCode(report);
  if (format === "json") printJson({ schemaVersion: 1, ...report });
  else printText(report, quiet);
}

function exitCode({ findings, notRead, identities }: Report): number {
  if (notRead.length + (identities?.notTried.length ?? 0) > 0) return EXIT.couldNotLook;
  return findings.length + (identities?.findings.length ?? 0) > 0 ? EXIT.findings : EXIT.right;
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

function printText(report: Report, quiet: boolean): void {
  const { findings, notRead, waiting, identities } = report;
  for (const finding of findings) print(findingLine(finding));
  for (const finding of identities?.findings ?? []) print(identityLine(finding));
  for (const line of notReadLines(notRead)) print(line);
  for (const { identity, reason } of identities?.notTried ?? []) print(`could not try ${identity}: ${reason}`);
  if (quiet) return;
  for (const rule of waiting) print(waitingLine(rule));
  print(summary(report));
}

/** One line a reason. */
function notReadLines(notRead: readonly NotRead[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { bucket, reason } of notRead) byReason.set(reason, [...(byReason.get(reason) ?? []), bucket]);
  return [...byReason].map(([reason, buckets]) => `could not read ${buckets.join(", ")}: ${reason}`);
}

function summary({ stage, server, buckets, findings, notRead, identities }: Report): string {
  const tried = identities?.identities ?? 0;
  const who = tried === 0 ? "" : `, ${counted(tried, "identity")} (${identities?.tries} tries)`;
  const what = `${counted(buckets, "bucket")}${who}`;
  const where = `(stage ${stage}, ${server})`;
  const wrong = findings.length + (identities?.findings.length ?? 0);
  const unread = notRead.length + (identities?.notTried.length ?? 0);
  if (wrong === 0 && unread === 0) return `${what}: right ${where}`;
  return `${what}, ${counted(wrong, "finding")}${unread > 0 ? `, ${unread} could not be looked at` : ""} ${where}`;
}
