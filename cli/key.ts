import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { nearest } from "../config/nearest.ts";
import { stackOutputs } from "./credentials.ts";
import { CommandError, EXIT } from "./exit.ts";
import { FORMATS, type Format, type Key } from "./key/formats.ts";
import { ownRoot } from "./local/checkout.ts";
import { print, printExact } from "./print.ts";
import { modelOf, stageOption } from "./spec-source.ts";

interface ShowOptions {
  readonly stage: string;
  readonly format: Format;
  readonly out?: string;
  readonly stdout?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
Hands over the key of a user or service account that pulumi up made. It makes no key and changes nothing.
The key goes to a new file that only you can read (--out), or to stdout where you ask for it (--stdout).

Formats: env (MINIO_* and AWS_* variables), json, aws (a profile of ~/.aws/credentials), mlflow.

Examples:
  $ bucketworks key show mlflow --format mlflow --out mlflow.env
  $ bucketworks key show usdcop-l1-job --format aws --stdout >> ~/.aws/credentials

Exit codes: 0 handed over, 1 the specs have faults, 2 wrong use (unknown identity, the file exists), 3 the stack can't be read`;

/** `bucketworks key show IDENTITY`: an existing key, handed over on purpose. */
export function keyCommand(): Command {
  const formats = Object.keys(FORMATS);
  const show = new Command("show")
    .description("hand over the key of a user or service account")
    .argument("<IDENTITY>", "user or service account")
    .addOption(new Option("--stage <stage>", "the stack that made it").argParser(stageOption).default("dev"))
    .addOption(new Option("--format <format>", "form of the key").choices(formats).default("env"))
    .addOption(new Option("--out <file>", "write a new file of mode 0600").conflicts("stdout"))
    .option("--stdout", "print the secret")
    .option("-q, --quiet", "print nothing but what was asked for")
    .addHelpText("after", HELP)
    .action(showKey);
  return new Command("key").description("keys of users and service accounts").addCommand(show);
}

async function showKey(identity: string, { stage, format, out, stdout = false, quiet }: ShowOptions): Promise<void> {
  if (out === undefined && !stdout) {
    throw new CommandError("key show: say where the secret goes: --out FILE or --stdout", EXIT.wrongUse);
  }
  const region = modelOf({ files: [], stage }).connection?.region ?? "us-east-1";
  const { endpoint, credentials, imported } = await stackOutputs(ownRoot(), process.env, stage);
  const credential = credentials[identity];
  if (imported.includes(identity)) throw new CommandError(unknowable(identity, stage), EXIT.couldNotLook);
  if (credential === undefined)
    throw new CommandError(unknown(identity, stage, Object.keys(credentials)), EXIT.wrongUse);
  const key: Key = { identity, endpoint, region, ...credential };
  const text = FORMATS[format](key);
  if (out === undefined) {
    printExact(text);
    return;
  }
  writePrivate(out, text);
  if (!quiet) print(`key of ${identity} written to ${out} (${format}, readable by you alone)`);
}

function unknown(identity: string, stage: string, known: readonly string[]): string {
  const near = nearest(identity, known);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  return `key show: stack ${stage} has no user or service account ${identity}, there are ${[...known].sort().join(", ") || "none"}${hint}`;
}

function unknowable(identity: string, stage: string): string {
  return `key show: ${identity} was imported into stack ${stage}, and no server tells a secret; it still has the one it had. For a new one: docs/production.md`;
}

/** Never over a file that exists: it may hold other people's profiles, or a mode that lets others read. */
function writePrivate(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EEXIST" ? "exists; remove it or choose another name" : `can't be written (${code})`;
    throw new CommandError(`key show: --out ${file} ${reason}`, EXIT.wrongUse);
  }
}
