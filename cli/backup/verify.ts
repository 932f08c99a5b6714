import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Command } from "commander";
import type { Verified } from "../../backup/verify/verify-bucket.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { EXIT } from "../ending/exit.ts";
import { counted, print, printJson } from "../terminal/print.ts";
import { writeOver } from "../terminal/progress.ts";
import { chosenBackups } from "./chosen.ts";
import { type BackupOptions, sampleOption, WHERE_HELP, withBackupOptions } from "./options.ts";

interface VerifyOptions extends BackupOptions {
  readonly sample?: number;
  readonly read?: boolean;
}

const HELP = `
Follows the manifests of each bucket from the newest to the oldest and finds those that are missing, cut or altered: each has
the digest of the one before. Then asks for every object that they say is stored: whether it is there and as large as it was.
Says which moments can be restored, and what of them is damaged. Changes nothing.
${WHERE_HELP}

Examples:
  $ bucketworks backup verify
  $ bucketworks backup verify --bucket mlops-artifacts --sample 1000
  $ bucketworks backup verify --stage production --read --format json

Exit codes: 0 everything can be restored, 1 something can't, or there is no backup, 2 wrong use, 3 could not look`;

/** `bucketworks backup verify [FILE...]`: whether backups are whole. */
export function verifyBackupsCommand(): Command {
  return withBackupOptions(new Command("verify").description("find manifests and objects that are missing or altered"))
    .option("--sample <number>", "so many objects of each manifest, chosen at random", sampleOption)
    .option("--read", "read the contents, too, and compare them")
    .addHelpText("after", HELP)
    .action(verify);
}

async function verify(files: string[], options: VerifyOptions): Promise<void> {
  const { sample, read = false, format } = options;
  const quiet = options.quiet === true || format === "json";
  const { onBackupServer, withBackups } = await import("./on-server.ts");
  const { verifyBucket } = await import("../../backup/verify/verify-bucket.ts");
  const all: (Verified & { readonly platform: string; readonly bucket: string })[] = [];
  const folder = temporaryFolder(tmpdir(), "bucketworks-verify-");
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const { platform, backup, server: address, key, other } of await chosenBackups(files, options)) {
    const work = async (source: Connection, server: Connection) => {
      for (const { bucket } of backup.buckets) {
        const place = { server, target: backup.bucket, prefix: backup.prefix, bucket };
        const onProgress = (objects: number) => writeOver(`${bucket}: looked at ${counted(objects, "object")}`, quiet);
        const how = { keepDays: backup.keepDays, sample, read, source, folder, onProgress };
        const found = await verifyBucket(place, how);
        writeOver("", quiet);
        if (!quiet || isWrong(found)) print(lines(bucket, found).join("\n"));
        all.push({ platform, bucket, ...found });
      }
    };
    const both = (source: Connection) =>
      withBackups("backup verify", source, other, (backups) => work(source, backups));
    await onBackupServer("backup verify", address, both, { key });
  }
  if (format === "json") printJson({ schemaVersion: 1, backups: all.map(asJson) });
  if (all.some(isWrong)) process.exitCode = EXIT.findings;
}

function isWrong({ manifests, findings, damage }: Verified): boolean {
  return manifests === 0 || findings.length > 0 || damage.length > 0;
}

function lines(bucket: string, { manifests, findings, damage, moments, looked, read }: Verified): string[] {
  const extent = `${counted(manifests, "manifest")}, ${counted(looked, "stored object")} looked at${read > 0 ? `, ${read} read` : ""}`;
  return [
    `bucket ${bucket}: ${extent}`,
    ...findings.map(({ kind, manifest, text }) => `  ${kind}: manifest ${manifest}: ${text}`),
    ...damage.flatMap(({ instant, objects, examples }) => [
      `  damaged: of the state at ${shown(instant)}, ${counted(objects, "version")} can't be restored:`,
      ...examples.map(({ key, version, reason }) => `    ${JSON.stringify(key)}, version ${version}: ${reason}`),
    ]),
    ...(manifests === 0 ? ["  no backup"] : []),
    ...moments.map(({ from, to, whole }) => {
      const span = from.getTime() === to.getTime() ? `at ${shown(from)}` : `from ${shown(from)} to ${shown(to)}`;
      return whole
        ? `  can be restored: ${span}`
        : `  with a gap: ${span}; what was written and deleted again between isn't known`;
    }),
  ];
}

function shown(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}

function asJson({ good, ...rest }: Verified & { readonly platform: string; readonly bucket: string }) {
  return { ...rest, whole: good.map(({ name }) => name) };
}
