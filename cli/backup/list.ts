import { Command } from "commander";
import type { ManifestFile, ManifestPlace, ManifestSummary } from "../../backup/target/manifests.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { backupsAt, type Chosen, chosenBackups } from "./chosen.ts";
import { type BackupOptions, WHERE_HELP, withBackupOptions } from "./options.ts";

const HELP = `
Lists the backups of each bucket, the oldest first: to each moment, and to every one between two, it can be restored.
${WHERE_HELP}

Examples:
  $ bucketworks backup list
  $ bucketworks backup list --bucket mlops-artifacts --format json | jq '.backups[-1].ageSeconds'

Exit codes: 0 every bucket has a backup, 1 one has none, or a damaged one, or the specs have faults, 2 wrong use, 3 could not look`;

/** `bucketworks backup list [FILE...]`: which backups there are. */
export function listCommand(): Command {
  return withBackupOptions(new Command("list").description("list the backups of buckets"))
    .addHelpText("after", HELP)
    .action(list);
}

interface Row extends ManifestSummary {
  readonly platform: string;
  readonly bucket: string;
  readonly manifest: string;
  readonly instant: string;
  readonly ageSeconds: number;
  readonly manifestBytes: number;
}

/** One that says too little of itself to be a run's. */
interface Damaged extends Pick<Row, "platform" | "bucket" | "manifest"> {
  readonly fault: string;
}

async function list(files: string[], options: BackupOptions): Promise<void> {
  const chosen = await chosenBackups(files, options);
  const found = (await Promise.all(chosen.map(rowsOf))).flat();
  const rows = found.filter((each) => "versions" in each);
  const damaged = found.filter((each) => "fault" in each);
  const without = chosen.flatMap(({ backup }) =>
    backup.buckets.map(({ bucket }) => bucket).filter((bucket) => !rows.some((row) => row.bucket === bucket)),
  );
  if (options.format === "json") printJson({ schemaVersion: 1, backups: rows, damaged, without });
  else if (!options.quiet) {
    const head = ["BUCKET", "MOMENT", "VERSIONS", "MARKERS", "SIZE", "NEW", "AGE"];
    if (rows.length > 0) print(table([head, ...rows.map(cells)]));
    for (const { fault } of damaged) print(fault);
    for (const bucket of without) print(`bucket ${bucket} has no backup; bucketworks backup run --bucket ${bucket}`);
  }
  if (without.length + damaged.length > 0) process.exitCode = EXIT.findings;
}

function cells({ bucket, instant, versions, markers, bytes, added, ageSeconds }: Row): string[] {
  const numbers = [versions, markers].map(String);
  return [bucket, instant.replace(".000", ""), ...numbers, readableBytes(bytes), String(added), age(ageSeconds)];
}

/** `3 days`, `5 h`, `12 min`. */
function age(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${Math.floor(seconds / 86_400)} days`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 60)} min`;
}

async function rowsOf(chosen: Chosen): Promise<(Row | Damaged)[]> {
  const [{ connect }, { listManifests, manifestSummary }, { backupFaultText }, { default: pMap }] = await Promise.all([
    import("../../provider/server/connection.ts"),
    import("../../backup/target/manifests.ts"),
    import("../../backup/fault.ts"),
    import("p-map"),
  ]);
  const { platform, backup } = chosen;
  const { server, ...asked } = backupsAt(chosen);
  const connection = connect(server, new AbortController().signal);
  try {
    const rows: (Row | Damaged)[] = [];
    for (const { bucket } of backup.buckets) {
      const place: ManifestPlace = { server: connection, target: backup.bucket, prefix: backup.prefix, bucket };
      const found = await listManifests(place);
      const read = async (file: ManifestFile): Promise<Row | Damaged> => {
        try {
          return rowOf({ platform, bucket }, file, await manifestSummary(place, file.name));
        } catch (error) {
          if ((error as Error).name !== "ManifestFault") throw error;
          return { platform, bucket, manifest: file.name, fault: (error as Error).message };
        }
      };
      rows.push(...(await pMap(found, read, { concurrency: 16 })));
    }
    return rows;
  } catch (error) {
    const reason = backupFaultText(error, { server: connection, ...asked });
    throw new CommandError(`the backups of ${platform} can't be listed: ${reason}`, EXIT.couldNotLook);
  } finally {
    for (const client of [connection.s3, connection.s3Once, connection.http]) client.destroy();
  }
}

function rowOf(of: Pick<Row, "platform" | "bucket">, file: ManifestFile, summary: ManifestSummary): Row {
  const { name: manifest, instant, bytes: manifestBytes } = file;
  const ageSeconds = Math.max(0, Math.floor((Date.now() - instant.getTime()) / 1000));
  return { ...of, manifest, instant: instant.toISOString(), ageSeconds, manifestBytes, ...summary };
}
