import { DeleteObjectCommand, GetBucketVersioningCommand } from "@aws-sdk/client-s3";
import { pMapIterable } from "p-map";
import type { Connection } from "../../provider/server/connection.ts";
import { hasName } from "../../provider/server/read.ts";
import { BackupFault } from "../fault.ts";
import type { VersionEntry } from "../manifest/schema.ts";
import { type Told, versionsOf } from "../run/listing.ts";
import { copyVersion } from "../run/stream.ts";
import { headersOf } from "./object-headers.ts";
import type { OpenState } from "./open-state.ts";
import { differenceOf, isAsListed } from "./same.ts";
import { type Outcome, type Present, prefixOf, restoreSteps, type Selection, type Step, Tally } from "./steps.ts";

/** Objects in work at the same time, as many as a connection has sockets: a server that writes waits for its disks. */
const AT_ONCE = 32;

/** What is restored, and where to. */
export interface Restore {
  readonly server: Connection;
  /** Where the backups are: the same connection where they are on the same server. */
  readonly backups: Connection;
  readonly state: OpenState;
  readonly selection: Selection;
  /** The bucket that contents are stored in. */
  readonly target: string;
  readonly into: Destination;
}

/** The bucket that is restored into. */
export interface Destination {
  readonly bucket: string;
  /** False before it is made. */
  readonly exists: boolean;
  /** Whether what is there may get newer versions and delete markers. */
  readonly inPlace: boolean;
  /** Whether it locks objects: retention and legal hold are restored then. */
  readonly locks: boolean;
}

export interface RestoreOptions {
  /** Begins nothing new once it is aborted. */
  readonly stop?: AbortSignal;
  /** Told how many objects were looked at. */
  readonly onProgress?: (objects: number) => void;
}

/** What a restore would do. Changes nothing. */
export function planRestore(restore: Restore, options: RestoreOptions = {}): Promise<Tally> {
  return eachStep(restore, options, (step) => judged(restore, step, false));
}

/**
 * Brings the bucket to the state, object by object: what is there already as it was stays, so that an interrupted restore is
 * continued by another one. Nothing is deleted: what wasn't there gets a delete marker.
 * @throws BackupFault where something is in the way that isn't of this restore
 */
export async function runRestore(restore: Restore, options: RestoreOptions = {}): Promise<Tally> {
  if (restore.into.inPlace) await mustKeepVersions(restore);
  return eachStep(restore, options, async (step) => {
    const found = await judged(restore, step, false);
    if (found.outcome === "unchanged" || found.outcome === "lost") return found;
    if (found.outcome !== "written" && !restore.into.inPlace) throw inTheWay(restore, found.key);
    if (step.kind === "remove") {
      await mark(restore, step.present);
      return found;
    }
    return (await write(restore, step.wanted))
      ? found
      : { ...found, outcome: "lost", reason: "its content isn't stored" };
  });
}

/** How closely a bucket is compared. */
export interface Comparison extends RestoreOptions {
  /** Reads every byte. */
  readonly read: boolean;
  /**
   * By the server's clock, when the restore began to write. What is younger and proved by the listing isn't asked for again; what
   * is older may have `expires`, which no listing tells. Absent: each object is asked for.
   */
  readonly since?: Date;
}

/** Compares the bucket with the state: in the result all is `unchanged` that is as it was. */
export function compareRestored(restore: Restore, { read, since, ...options }: Comparison): Promise<Tally> {
  const from = read ? undefined : since;
  return eachStep(
    restore,
    options,
    async (step) => proved(step, from) ?? judged(restore, step, read),
    from === undefined ? "names" : "metadata",
  );
}

/** @param since undefined: the listing proves nothing */
function proved(step: Step, since: Date | undefined): Settled | undefined {
  if (step.kind !== "look" || since === undefined) return undefined;
  const { wanted, present } = step;
  const isOurs = present.listed !== undefined && new Date(present.listed.modified) >= since;
  return isOurs && isAsListed(wanted, present.listed)
    ? { outcome: "unchanged", key: wanted.key, size: wanted.size }
    : undefined;
}

interface Settled {
  readonly outcome: Outcome;
  readonly key: string;
  readonly size: number;
  readonly reason?: string | undefined;
}

async function eachStep(
  { server, state, selection, into }: Restore,
  { stop, onProgress }: RestoreOptions,
  settle: (step: Step) => Promise<Settled>,
  told: Told = "names",
): Promise<Tally> {
  const tally = new Tally();
  const all = { ...selection, covered: state.covered };
  const present = into.exists ? current(server, into.bucket, prefixOf(selection), told) : nothing();
  const steps = untilStopped(restoreSteps(state.versions(), present, all), stop);
  for await (const { outcome, ...about } of pMapIterable(steps, settle, {
    concurrency: AT_ONCE,
    backpressure: AT_ONCE * 4,
  })) {
    tally.add(outcome, about);
    onProgress?.(tally.all);
  }
  return tally;
}

async function* untilStopped<T>(steps: AsyncIterable<T>, stop: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const step of steps) {
    if (stop?.aborted) return;
    yield step;
  }
}

async function judged({ server, backups, target, into }: Restore, step: Step, read: boolean): Promise<Settled> {
  if (step.kind === "remove") return { outcome: "removed", key: step.present.key, size: step.present.size };
  const { key, size } = step.wanted;
  switch (step.kind) {
    case "write":
      return { outcome: "written", key, size };
    case "lost":
      return { outcome: "lost", key, size, reason: "the backup has no content of it" };
    case "replace":
      return { outcome: "replaced", key, size, reason: `its size is ${step.present.size} bytes, not ${size}` };
    case "look": {
      const there = { server, bucket: into.bucket, version: step.present.version };
      const reason = await differenceOf(there, { entry: step.wanted, backups, target }, read);
      if (reason === undefined) return { outcome: "unchanged", key, size };
      return { outcome: step.wanted.stored === undefined ? "lost" : "replaced", key, size, reason };
    }
  }
}

/** @returns false where the content isn't in the backup any more */
async function write({ server, backups, target, into }: Restore, entry: VersionEntry): Promise<boolean> {
  const { key, size, stored, tags = {}, retention, hold = false } = entry;
  if (stored === undefined) return false;
  const until = retention === undefined ? undefined : new Date(retention.until);
  const isHeld = into.locks && retention !== undefined && until !== undefined && until > new Date();
  try {
    await copyVersion(backups, server, {
      source: { bucket: target, ...stored, etag: undefined },
      target: { bucket: into.bucket, key },
      ...{ size, tags, headers: headersOf(entry), hold: into.locks && hold },
      ...(isHeld && { lock: { mode: retention.mode, until } }),
    });
    return true;
  } catch (error) {
    if (["NoSuchKey", "NoSuchVersion", "MethodNotAllowed"].some((name) => hasName(error, name))) return false;
    throw error;
  }
}

async function mark({ server, into }: Restore, { key }: Present): Promise<void> {
  await server.s3.send(new DeleteObjectCommand({ Bucket: into.bucket, Key: key }), { abortSignal: server.signal });
}

/** Asked right before the first write: without versions a delete marker is a deletion. */
async function mustKeepVersions({ server: { s3, signal }, into: { bucket } }: Restore): Promise<void> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), { abortSignal: signal });
  if (Status === "Enabled") return;
  throw new BackupFault(
    `bucket ${bucket} keeps no versions (versioning is ${Status ?? "off"}), so a restore in place would delete what is there; restore into another bucket`,
  );
}

function inTheWay({ into }: Restore, key: string): BackupFault {
  return new BackupFault(
    `bucket ${into.bucket} holds ${JSON.stringify(key)}, which isn't of this restore: somebody else writes there; name another bucket`,
  );
}

/** Current objects, by keys. */
async function* current(server: Connection, bucket: string, prefix: string, told: Told): AsyncGenerator<Present> {
  for await (const page of versionsOf(server, bucket, prefix, told)) {
    for (const listed of page) {
      const { key, version, size, latest, marker } = listed;
      if (latest && !marker) yield { key, version, size, ...(told === "metadata" && { listed }) };
    }
  }
}

async function* nothing(): AsyncGenerator<Present> {}
