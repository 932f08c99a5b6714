import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { ManifestFault } from "../../backup/manifest/schema.ts";
import { type OpenState, openState } from "../../backup/restore/open-state.ts";
import { compareRestored, type Restore, runRestore } from "../../backup/restore/restore-bucket.ts";
import { isChosen } from "../../backup/restore/steps.ts";
import { shownManifests } from "../../backup/target/manifests.ts";
import type { Backup } from "../../config/model.ts";
import type { Connection } from "../../provider/server/connection.ts";
import type { BackupDrill } from "../../report/schema.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { counted } from "../terminal/print.ts";
import { makeScratch, removeScratch } from "./drill-scratch.ts";

export interface Drill {
  readonly server: Connection;
  /** Where the backups are. */
  readonly backups: Connection;
  readonly bucket: string;
  readonly backup: Pick<Backup, "bucket" | "prefix">;
  /** Objects that are restored; undefined is all. */
  readonly sample: number | undefined;
  readonly stop: AbortSignal;
  readonly onProgress: (what: string, objects: number) => void;
}

/**
 * Restores objects of the newest backup to a scratch bucket, reads every byte of them, compares and removes the bucket.
 * @throws where the server fails; `MomentRefused` where there is no backup
 */
export async function drillBucket(drill: Drill): Promise<BackupDrill> {
  const { backups, bucket, backup, sample } = drill;
  const folder = temporaryFolder(tmpdir(), "bucketworks-bucket-drill-");
  const at = new Date();
  const none = { at: at.toISOString(), sample: sample !== undefined, objects: 0, bytes: 0 };
  const since = () => Math.round((Date.now() - at.getTime()) / 100) / 10;
  try {
    const place = { server: backups, target: backup.bucket, prefix: backup.prefix, bucket };
    const last = (await shownManifests(place)).at(-1)?.instant ?? at;
    const loss_seconds = Math.max(0, Math.round((at.getTime() - last.getTime()) / 1000));
    try {
      const { objects, bytes, failure } = await restored(drill, await openState(place, "latest", folder));
      return { ...none, objects, bytes, loss_seconds, duration_seconds: since(), passed: failure === null, failure };
    } catch (error) {
      // Also of the manifest that is opened first: a backup that can't be read is what a drill is to find.
      if (!(error instanceof ManifestFault)) throw error;
      return { ...none, passed: false, loss_seconds, duration_seconds: since(), failure: error.message };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Result = Pick<BackupDrill, "objects" | "bytes" | "failure">;

async function restored(drill: Drill, state: OpenState): Promise<Result> {
  const { server, backups, backup, sample, stop, onProgress } = drill;
  const keys = sample === undefined ? undefined : await sampleOf(state, sample);
  const bucket = await makeScratch(server);
  try {
    const into = { bucket, exists: true, inPlace: false, locks: false };
    const restore: Restore = { server, backups, state, selection: { keys }, target: backup.bucket, into };
    const done = await runRestore(restore, { stop, onProgress: (objects) => onProgress("restored", objects) });
    stop.throwIfAborted();
    const tally = await compareRestored(restore, {
      read: true,
      stop,
      onProgress: (objects) => onProgress("compared", objects),
    });
    stop.throwIfAborted();
    const wrong = tally.all - tally.unchanged.objects;
    const [first] = tally.examples;
    const failure =
      wrong === 0
        ? null
        : `${wrong} of ${counted(tally.all, "object")} ${wrong === 1 ? "isn't" : "aren't"} what was backed up; the first: ${JSON.stringify(first?.key)}: ${first?.reason ?? first?.outcome}`;
    return { objects: tally.all, bytes: done.written.bytes, failure };
  } finally {
    await removeScratch(server, bucket);
  }
}

/** Keys of objects that are there, of which each is as likely as any other: a delete marker has nothing to restore. */
async function sampleOf(state: OpenState, size: number): Promise<ReadonlySet<string>> {
  const keys: string[] = [];
  let seen = 0;
  for await (const { key, marker } of state.versions()) {
    if (marker || !isChosen(key, { covered: state.covered })) continue;
    seen += 1;
    const at = seen <= size ? seen - 1 : Math.floor(Math.random() * seen);
    if (at < size) keys[at] = key;
  }
  return new Set(keys);
}
