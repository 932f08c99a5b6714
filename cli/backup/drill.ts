import { Command } from "commander";
import { defaults } from "../../config/defaults.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { DatabaseFault } from "../../database/fault.ts";
import { urlOf } from "../../live/server-address.ts";
import type { Connection } from "../../provider/server/connection.ts";
import type { BackupDrill } from "../../report/schema.ts";
import { audited } from "../audit-log.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { EXIT } from "../ending/exit.ts";
import { attended, interruptedWith, interruption } from "../ending/signals.ts";
import { historyPlace } from "../target/history-place.ts";
import { counted, print, printJson, tell } from "../terminal/print.ts";
import { writeOver } from "../terminal/progress.ts";
import { type Chosen, chosenBackups } from "./chosen.ts";
import { type BackupOptions, sampleOption, withBackupOptions } from "./options.ts";

interface DrillOptions extends BackupOptions {
  readonly sample?: number;
  readonly all?: boolean;
}

const HELP = `
Proves that backups can be restored: restores objects of the newest backup of each bucket to a bucket of its own, reads every
byte, compares content, metadata and tags with the manifest, and removes that bucket. It removes nothing else; what a drill
that was killed left is removed by the next one. How long it took (RTO) and how old the backup was (RPO, what a loss then
would have cost) are kept in the history, where report and monitor read them.

Where a platform's file schedules drills (backup.drill), the key is that of the service account that the specs make for it,
PLATFORM-backup-drill-job. Else server and credentials are found as by verify; they have to read the backups, and make, fill
and remove buckets, also s3:DeleteObject and s3:DeleteObjectVersion, as root's may; what docs/deployer-policy.json permits
isn't enough. With --server, as in a cluster, the key is MINIO_ACCESS_KEY and MINIO_SECRET_KEY, and no stack is needed.

Examples:
  $ bucketworks backup drill
  $ bucketworks backup drill --bucket mlops-artifacts --all
  $ bucketworks backup drill --stage production --sample 1000 --format json

Exit codes: 0 all that was restored is as it was, 1 something isn't, or a bucket has no backup, 2 wrong use, 3 the server
can't be asked, or not to the end`;

/** `bucketworks backup drill [FILE...]`: restores, compares, removes, tells how long it took. */
export function drillCommand(): Command {
  return withBackupOptions(
    new Command("drill").description("restore objects to a scratch bucket, compare and remove them"),
  )
    .option("--sample <number>", "objects of each bucket, chosen at random (default: the file's, or 100)", sampleOption)
    .option("--all", "every object")
    .addHelpText("after", HELP)
    .action(drill);
}

type Outcome = { readonly platform: string; readonly bucket: string } & (BackupDrill | { readonly refused: string });

async function drill(files: string[], options: DrillOptions): Promise<void> {
  const { stage, all = false, format } = options;
  const quiet = options.quiet === true || format === "json";
  const chosen = await chosenBackups(files, options, ({ drill: planned }) => planned?.serviceAccount ?? null);
  const { onBackupServer, withBackups } = await import("./on-server.ts");
  const { removeLeftScratch } = await import("./drill-scratch.ts");
  const { drillBucket } = await import("./drill-bucket.ts");
  const { MomentRefused } = await import("../../backup/restore/open-state.ts");
  const outcomes: Outcome[] = [];
  const root = ownRoot();
  const drillAll = async (server: Connection, backups: Connection, { platform, backup }: Chosen) => {
    const { sample = backup.drill?.sample ?? defaults.backup.drillSample } = options;
    for (const { bucket } of backup.buckets) {
      const onProgress = (what: string, objects: number) =>
        writeOver(`drill of ${bucket}: ${what} ${counted(objects, "object")}`, quiet);
      const one = { server, backups, bucket, backup, sample: all ? undefined : sample };
      const drilled = () => attended((stop) => drillBucket({ ...one, stop, onProgress }));
      const deed = { action: "backup.drill", object: `${stage}/bucket/${bucket}`, platform };
      try {
        const done = await audited(checkoutAt(root), deed, drilled);
        outcomes.push({ platform, bucket, ...done });
        writeOver("", quiet);
        if (!quiet) print(line(bucket, done));
      } catch (error) {
        if (interruption().aborted) throw interruptedWith(`drill of ${bucket}: stopped; its bucket is removed`);
        if (!(error instanceof MomentRefused)) throw error;
        outcomes.push({ platform, bucket, refused: error.message });
        tell(error.message);
      }
    }
  };
  try {
    for (const each of chosen) {
      const work = async (server: Connection) => {
        for (const bucket of await removeLeftScratch(server)) {
          if (!quiet) tell(`bucket ${bucket}, which a drill that was killed had left, is removed`);
        }
        await withBackups("backup drill", server, each.other, (backups) => drillAll(server, backups, each));
      };
      await onBackupServer("backup drill", each.server, work, each.isGenerated ? { key: each.key } : undefined);
    }
  } finally {
    // Also what was drilled before the server failed, or a signal came.
    const [first] = chosen;
    if (outcomes.length > 0 && first !== undefined)
      await keep(outcomes, historyPlace(stage, process.env), { stage, server: urlOf(first.server) });
  }
  if (format === "json") printJson({ schemaVersion: 1, drills: outcomes });
  if (outcomes.some((each) => "refused" in each || !each.passed)) process.exitCode = EXIT.findings;
}

function line(
  bucket: string,
  { passed, objects, bytes, loss_seconds, duration_seconds, failure }: BackupDrill,
): string {
  const what = passed ? `${counted(objects, "object")} (${readableBytes(bytes)}) restored, all as backed up` : failure;
  return `drill of bucket ${bucket}: ${what}; RTO ${duration_seconds} s, RPO ${loss_seconds} s`;
}

/** A history that can't be used takes no drill away. */
async function keep(
  outcomes: readonly Outcome[],
  place: string,
  of: { readonly stage: string; readonly server: string },
): Promise<void> {
  try {
    const { openHistory } = await import("../../history/open-history.ts");
    const history = await openHistory(place, tell);
    try {
      for (const outcome of outcomes) {
        if ("refused" in outcome) continue;
        const { platform: _, bucket, ...done } = outcome;
        await history.drills.add(of, bucket, done);
      }
    } finally {
      await history.close();
    }
  } catch (error) {
    if (!(error instanceof DatabaseFault)) throw error;
    tell(`backup drill: the report won't tell of this: ${error.message}`);
  }
}
