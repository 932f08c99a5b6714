import { relative } from "node:path";
import { Command, Option } from "commander";
import type { Checksums } from "../../builders/key-variables.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { counted, print, printExact } from "../terminal/print.ts";
import { keepKey, writeAllKeys, writeNewKey } from "./files.ts";
import { FORMATS, type Format, formatsWithChecksums, type Key } from "./formats.ts";
import { keyOf, requireBucket, stackKeys } from "./stack-keys.ts";

interface ShowOptions {
  readonly stack: string;
  readonly format: Format;
  readonly out?: string;
  readonly stdout?: boolean;
  readonly all?: string;
  readonly checksums?: Checksums;
  readonly bucket?: string;
  readonly quiet?: boolean;
}

const HELP = `
Hands over the key of a user or service account that pulumi up made. It makes no key and changes nothing.
The key goes to .bucketworks/keys/ (that of another stack than dev to a folder of its stack's name in it), or to a new
file that only you can read (--out), or to stdout where you ask for it (--stdout). Each file has mode 0600.

Formats: env (MINIO_* and AWS_* variables), json, minio (what MinIO's SDKs take, and the bucket of --bucket), aws (a
profile for AWS_SHARED_CREDENTIALS_FILE), mlflow, rclone and dvc (a remote), airflow (a connection), kserve (a Secret).
docs/keys.md shows each in use.

Examples:
  $ bucketworks key show mlflow --format mlflow
  $ bucketworks key show ml-security-training-job --format minio --bucket ml-security
  $ bucketworks key show usdcop-l1-job --format aws --out usdcop-l1-job.aws
  $ bucketworks key show --all handover --format json

Exit codes: 0 written or printed, 1 the specs have faults, 2 wrong use (unknown identity, the file exists), 3 the stack can't be read
or the file can't be written`;

/** `bucketworks key show IDENTITY`: writes or prints an existing key. */
export function showCommand(): Command {
  return new Command("show")
    .description("write the key of a user or service account to a file, or print it")
    .argument("[IDENTITY]", "user or service account")
    .addOption(new Option("--format <format>", "form of the key").choices(Object.keys(FORMATS)).default("env"))
    .addOption(new Option("--out <file>", "write a new file of mode 0600").conflicts(["stdout", "all"]))
    .addOption(new Option("--stdout", "print the secret").conflicts("all"))
    .option("--all <folder>", "write the key of everybody, each to a new file in this folder")
    .addOption(
      new Option("--checksums <when>", "tell AWS SDKs when to send checksums, for stores that know none").choices([
        "when_required",
      ]),
    )
    .option("--bucket <name>", "the bucket that the program works in, for --format minio")
    .option("-q, --quiet", "print nothing but what was asked for")
    .option("-s, --stack <name>", "the stack that made it", "dev")
    .addHelpText("after", HELP)
    .action(showKey);
}

async function showKey(identity: string | undefined, options: ShowOptions): Promise<void> {
  const { format, out, stdout = false, all, checksums, bucket, quiet = false } = options;
  if ((identity === undefined) === (all === undefined)) {
    throw new CommandError("key show: name one user or service account, or use --all FOLDER", EXIT.wrongUse);
  }
  if (checksums !== undefined && !FORMATS[format].checksums) {
    const able = formatsWithChecksums().join(", ");
    throw new CommandError(`key show: --checksums has no effect on ${format}; it works with ${able}`, EXIT.wrongUse);
  }
  if (bucket !== undefined && format !== "minio") {
    throw new CommandError(`key show: --bucket has no effect on ${format}; it works with minio`, EXIT.wrongUse);
  }
  const say = (text: string) => quiet || print(text);
  const { stack } = options;
  const found = await stackKeys(ownRoot(), process.env, stack);
  if (bucket !== undefined) requireBucket(found, bucket);
  const asAsked = (key: Key): Key => ({ ...key, ...(checksums && { checksums }), bucket });
  if (identity === undefined) {
    const keys = [...found.keys.values()].map(asAsked);
    writeAllKeys(String(all), keys, format);
    say(`${counted(keys.length, "key")} written to ${all} (${format}, each readable by you alone)`);
    if (found.imported.length === 0) return;
    const names = found.imported.join(", ");
    throw new CommandError(`key show: not known, as they were imported: ${names}`, EXIT.couldNotLook);
  }
  const key = asAsked(keyOf(found, identity));
  if (stdout) {
    printExact(FORMATS[format].text(key));
    return;
  }
  if (out !== undefined) writeNewKey(out, key, format);
  const file = out ?? relative(process.cwd(), keepKey(checkoutAt(ownRoot()), stack, key, format));
  say(`key of ${identity} written to ${file} (${format}, readable by you alone)`);
}
