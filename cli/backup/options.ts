import { type Command, InvalidArgumentError, Option } from "commander";
import { stageOption } from "../target/specs.ts";

/** What every command on backups is told. */
export interface BackupOptions {
  readonly stage: string;
  readonly platform?: string;
  readonly bucket?: string;
  readonly server?: string;
  readonly caFile?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

export const WHERE_HELP = `
What is backed up, and where to, is the platform's key backup (docs/backup.md). The key of the service account that the
specs make for it, PLATFORM-bucket-backup-job, is the stack's. With --server, as in a cluster, it is MINIO_ACCESS_KEY and
MINIO_SECRET_KEY, and no stack is needed. Backups on another server have a key of their own, the stack's, with --server
BACKUP_TARGET_URL, BACKUP_TARGET_ACCESS_KEY and BACKUP_TARGET_SECRET_KEY.`;

/** Commander's parser for `--sample`. */
export function sampleOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a number of objects, 1 or more.");
}

export function withBackupOptions(command: Command): Command {
  return command
    .argument("[FILE...]", "platform files (default: the platforms of the stack)")
    .addOption(
      new Option("--stage <stage>", "the stack").env("BUCKETWORKS_STAGE").argParser(stageOption).default("dev"),
    )
    .option("--platform <name>", "this platform alone")
    .option("--bucket <name>", "this bucket alone")
    .addOption(new Option("--server <url>", "another server than the stack's").env("BUCKETWORKS_SERVER"))
    .addOption(
      new Option("--ca-file <file>", "PEM file of the CA that signed its certificate").env("BUCKETWORKS_CA_FILE"),
    )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "nothing but faults");
}
