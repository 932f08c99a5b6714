import { Command, Option } from "commander";
import { parseMoment } from "../backup/restore/moment.ts";
import type { Connection } from "../provider/server/connection.ts";
import { audited } from "./audit-log.ts";
import { backupOf } from "./backup/chosen.ts";
import { otherServer } from "./backup/target-server.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { lookTarget } from "./target/look-target.ts";
import { stageOption } from "./target/specs.ts";
import { printJson } from "./terminal/print.ts";

interface RestoreCommandOptions {
  readonly stage: string;
  readonly to: string;
  readonly platform?: string;
  readonly prefix?: string;
  readonly key?: string;
  readonly into?: string;
  readonly inPlace?: boolean;
  readonly yesRestore?: string;
  readonly dryRun?: boolean;
  readonly server?: string;
  readonly caFile?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Brings back what a bucket held at a moment, from the backups of it (bucketworks backup list): contents, metadata and tags of
each object that was there. It goes into a fresh bucket, BUCKET-MOMENT, which is made: private, with versions, without a
lock; or into one by --into that is empty or isn't there yet. Then all is compared with the backup: metadata, tags, and the
content by ETag, checksum or byte by byte. Nothing is ever deleted or written over. After an interruption or outage the same
command goes on.

With --in-place the bucket itself gets another version of each object that is otherwise now, and a delete marker for each
that wasn't there; the versions that are there stay. It needs the bucket's name typed after the counts were shown
(scripts: --yes-restore BUCKET), and versioning.

Server and credentials are found as by verify; they have to read the backups and write the bucket, as root's may; what
docs/deployer-policy.json permits isn't enough.

Examples:
  $ bucketworks restore 00-raw-usdcop-marketdata --to 2026-11-20T10:00Z --dry-run
  $ bucketworks restore 00-raw-usdcop-marketdata --to "2026-11-20 12:00+02:00" --prefix 2026/11/
  $ bucketworks restore mlops-artifacts --to latest --key runs/7/model.onnx --into found-again
  $ bucketworks restore mlops-artifacts --to 2026-11-20T10:00Z --in-place

Exit codes: 0 restored and compared, 1 something is not as it was or not in the backup, or the specs have faults, 2 wrong
use: a moment without backup, data in the way, no consent, 3 the server can't be asked, or not to the end, 130 stopped by
Ctrl-C (143 by SIGTERM)`;

/** `bucketworks restore BUCKET --to MOMENT`: a bucket as it was. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("bring a bucket back as it was at a moment, from its backups")
    .argument("<BUCKET>", "the bucket that was backed up")
    .argument("[FILE...]", "platform files (default: the platforms of the stack)")
    .requiredOption("--to <moment>", "with its time zone, 2026-11-20T10:00Z; latest: the last backup")
    .option("--platform <name>", "the platform whose backup it is, where several have one of the bucket")
    .addOption(new Option("--prefix <prefix>", "objects whose keys begin so, alone").conflicts("key"))
    .option("--key <key>", "one object")
    .addOption(new Option("--into <bucket>", "an empty or a new bucket").conflicts("inPlace"))
    .option("--in-place", "into the bucket itself (asks first)")
    .option("--yes-restore <BUCKET>", "restore in place without asking, for scripts; the bucket's name once more")
    .option("--dry-run", "say what would be done, with counts and bytes; change nothing")
    .addOption(
      new Option("--stage <stage>", "the stack").env("BUCKETWORKS_STAGE").argParser(stageOption).default("dev"),
    )
    .addOption(new Option("--server <url>", "another server than the stack's").env("BUCKETWORKS_SERVER"))
    .addOption(
      new Option("--ca-file <file>", "PEM file of the CA that signed its certificate").env("BUCKETWORKS_CA_FILE"),
    )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(restore);
}

async function restore(bucket: string, files: string[], options: RestoreCommandOptions): Promise<void> {
  const { stage, prefix, key, into, inPlace = false, yesRestore, dryRun = false, format, quiet = false } = options;
  const to = momentOf(options.to);
  if (yesRestore !== undefined && (yesRestore !== bucket || !inPlace)) {
    const why = inPlace ? `names another bucket, ${yesRestore}` : "goes with --in-place";
    throw new CommandError(`restore: nothing was changed: --yes-restore ${why}`, EXIT.wrongUse);
  }
  const { model, server: address } = lookTarget("restore", files, { ...options, identities: false });
  const { platform, backup } = backupOf(model, { ...options, bucket });
  const { onBackupServer, withBackups } = await import("./backup/on-server.ts");
  const { restoreBucket } = await import("./restore/restore.ts");
  const root = ownRoot();
  const other = await otherServer(backup, options);
  const work = (server: Connection, backups: Connection) =>
    restoreBucket(server, {
      ...{ backups, bucket, backup, to, selection: { prefix, key }, into, inPlace, dryRun },
      confirmed: yesRestore === bucket,
      quiet: quiet || format === "json",
      audited: (name, changing) =>
        audited(
          checkoutAt(root),
          { action: "bucket.restore", object: `${stage}/bucket/${name} from ${bucket} at ${options.to}`, platform },
          changing,
        ),
    });
  const done = await onBackupServer("restore", address, (server) =>
    withBackups("restore", server, other, (backups) => work(server, backups)),
  );
  if (format === "json") printJson({ schemaVersion: 1, ...done });
  if (done.counts.lost.objects > 0) process.exitCode = EXIT.findings;
}

function momentOf(text: string): Date | "latest" {
  if (text === "latest") return text;
  const moment = parseMoment(text);
  if ("at" in moment) return moment.at;
  throw new CommandError(`restore: --to ${moment.fault}`, EXIT.wrongUse);
}
