import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Command } from "commander";
import type { BucketRun } from "../../backup/run/run-bucket.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { EXIT } from "../ending/exit.ts";
import { counted, print, printJson, tell } from "../terminal/print.ts";
import { writeOver } from "../terminal/progress.ts";
import { type Chosen, chosenBackups } from "./chosen.ts";
import { type BackupOptions, WHERE_HELP, withBackupOptions } from "./options.ts";

interface RunOptions extends BackupOptions {
  readonly full?: boolean;
}

const HELP = `
Copies every version that isn't stored yet, and records all that a bucket holds in a manifest: versions, delete markers,
tags, metadata, retention and legal hold. A deletion in the source deletes nothing in the backup. Nothing is recorded before
all of a bucket is stored: after an interruption or outage the next run goes on where this one ended. Two runs at once do
each other no harm.
${WHERE_HELP}

Examples:
  $ bucketworks backup run
  $ bucketworks backup run --platform usdcop --bucket 00-raw-usdcop-marketdata
  $ bucketworks backup run --stage production --format json

Exit codes: 0 all buckets are backed up, 1 the specs have faults, 2 wrong use, 3 a bucket couldn't be backed up, of which
nothing is recorded then`;

/** `bucketworks backup run [FILE...]`: a backup of each bucket, now. */
export function runCommand(): Command {
  return withBackupOptions(new Command("run").description("make a backup of buckets now"))
    .option(
      "--full",
      "read tags, metadata, retention and legal hold of every version anew, also of those stored before",
    )
    .addHelpText("after", HELP)
    .action(run);
}

/** Of one bucket: what was recorded, or why nothing. */
type Outcome = { readonly platform: string } & (BucketRun | { readonly bucket: string; readonly fault: string });

async function run(files: string[], options: RunOptions): Promise<void> {
  const { format, quiet = false, full = false } = options;
  const outcomes: Outcome[] = [];
  for (const chosen of await chosenBackups(files, options)) {
    for await (const outcome of backUp(chosen, { full, quiet })) {
      outcomes.push(outcome);
      if ("fault" in outcome) tell(`backup of bucket ${outcome.bucket}: nothing was recorded: ${outcome.fault}`);
      else if (format === "text" && !quiet) print(line(outcome));
    }
  }
  if (format === "json") printJson({ schemaVersion: 1, backups: outcomes });
  if (outcomes.some((outcome) => "fault" in outcome)) process.exitCode = EXIT.couldNotLook;
}

const STARTS_ANEW = "bucketworks backup run --full makes a backup without the last one";

async function* backUp(
  { platform, backup, server, key, other }: Chosen,
  { full, quiet }: { readonly full: boolean; readonly quiet: boolean },
): AsyncGenerator<Outcome> {
  // Its client takes a while to load: only this command pays for it.
  const [{ connect }, { backUpBucket }, { targetLock }, { otherTargetLock }, { backupFaultText }] = await Promise.all([
    import("../../provider/server/connection.ts"),
    import("../../backup/run/run-bucket.ts"),
    import("../../backup/target/settings.ts"),
    import("../../backup/target/other-server.ts"),
    import("../../backup/fault.ts"),
  ]);
  const connection = connect(server, new AbortController().signal);
  const target = other === undefined ? connection : connect(other.server, new AbortController().signal);
  const folder = temporaryFolder(tmpdir(), "bucketworks-backup-");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove); // a signal ends the process
  try {
    for (const { bucket, prefixes } of backup.buckets) {
      const onProgress = (versions: number) => writeOver(`backup of ${bucket}: ${counted(versions, "version")}`, quiet);
      try {
        const lock =
          other === undefined
            ? await targetLock(target, backup.bucket, backup.keepDays)
            : await otherTargetLock(target, backup);
        const into = { bucket: backup.bucket, prefix: backup.prefix };
        const ends = { source: connection, target };
        const done = await backUpBucket(
          { ...ends, platform, bucket, prefixes, into, lock },
          { full, folder, onProgress },
        );
        writeOver("", quiet);
        yield { platform, ...done };
      } catch (error) {
        writeOver("", quiet);
        const hint = (error as Error).name === "ManifestFault" ? `; ${STARTS_ANEW}` : "";
        yield {
          platform,
          bucket,
          fault: `${backupFaultText(error, { server: connection, key }, other && { ...other, server: target })}${hint}`,
        };
      }
    }
  } finally {
    process.off("exit", remove);
    remove();
    for (const { s3, s3Once, http } of [connection, target]) for (const client of [s3, s3Once, http]) client.destroy();
  }
}

function line({ bucket, manifest, trailer, extended, gone, vanished }: BucketRun): string {
  const { versions, markers, bytes, added, addedBytes } = trailer;
  return [
    `backup of bucket ${bucket}: ${counted(versions, "version")}, of them ${counted(markers, "delete marker")}, ${readableBytes(bytes)}`,
    `${added} new (${readableBytes(addedBytes)})`,
    ...(gone > 0 ? [`${gone} gone from the bucket since the last backup, which keeps them`] : []),
    ...(vanished > 0 ? [`${vanished} deleted while it ran`] : []),
    ...(extended > 0 ? [`${counted(extended, "lock")} extended`] : []),
    `manifest ${manifest}`,
  ].join("; ");
}
