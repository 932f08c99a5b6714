import { ListBucketsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { BucketInputs, BucketSettings, LifecycleRule } from "./bucket-types.ts";
import { canonicalSettings } from "./canonical.ts";
import { changedSettings } from "./diff.ts";
import { lacking, type Needs } from "./needs.ts";
import { abilities } from "./server/abilities.ts";
import type { Connection } from "./server/connection.ts";
import { answerLost, expectedRegion, explain } from "./server/faults.ts";
import { whenTogether } from "./server/health.ts";
import { hasName, type ReadOptions, readSettings } from "./server/read.ts";
import { sortByTier, tiersOf } from "./server/tiers.ts";
import { CouldNotSee, unlistedText, unlistedUploads } from "./server/unlisted-uploads.ts";
import { countContents, createBucket, deleteBucket, WriteError, writeSettings } from "./server/write.ts";
import { waitingNote } from "./waiting-note.ts";

/** A fault in the user's words; the engine shows the message as it is. */
export class BucketError extends Error {
  override readonly name = "BucketError";
}

/**
 * The bucket is there, but not every setting could be written; `live` is what the server holds now. Undefined where
 * that couldn't be asked, or where not even the answer to the bucket's creation arrived.
 */
export class PartialError extends BucketError {
  readonly live: BucketSettings | undefined;

  constructor(message: string, live: BucketSettings | undefined) {
    super(message);
    this.live = live;
  }
}

/** Seconds in which a healthy server answers the first question. */
const PROBE_SECONDS = 10;

/**
 * @param say called when the server has to be waited for
 * @throws when it doesn't answer in time or refuses the credentials
 */
export async function probe(server: Connection, say: (line: string) => Promise<void>): Promise<void> {
  const limit = () => AbortSignal.any([server.signal, AbortSignal.timeout(PROBE_SECONDS * 1000)]);
  const ask = () => server.s3.send(new ListBucketsCommand({ MaxBuckets: 1 }), { abortSignal: limit() });
  try {
    await whenTogether(server, ask, { say, passes: answerLost });
    await requireRegion(server, limit());
  } catch (error) {
    throw new BucketError(`${explain(error, server)}; nothing was changed`);
  }
}

/** A list of buckets is given under any region: only a question about one bucket tells. Whether it is there doesn't matter. */
async function requireRegion(server: Connection, abortSignal: AbortSignal): Promise<void> {
  const question = new ListObjectsV2Command({ Bucket: "bucketworks-region", MaxKeys: 1 });
  await server.s3.send(question, { abortSignal }).catch((error: unknown) => {
    if (error instanceof Error && expectedRegion(error) !== undefined) throw error;
  });
}

/**
 * Asks whether the server can what the specs need, before anything is written: `up` would stop halfway.
 * @param say called with what this identity may not ask
 * @throws naming all that is missing, for which buckets, and what to do
 */
export async function checkNeeds(
  server: Connection,
  needs: Needs,
  say: (line: string) => Promise<void>,
): Promise<void> {
  const untold = (action: string) =>
    say(
      `can't ask ${server.url} whether it has what the specs need: bucketworks:rootUser lacks ${action} (docs/deployer-policy.json)`,
    );
  const able = await abilities(server, needs, untold).catch((error) => {
    throw new BucketError(`${explain(error, server)}; nothing was changed`);
  });
  const faults = lacking(needs, able);
  if (faults.length > 0) throw new BucketError(`${server.url} ${faults.join("; it ")}; nothing was changed`);
}

/**
 * @param declared lifecycle rules that were asked for: one that waits for its tier counts as there, so that it makes no
 * difference until the tier is made
 * @returns the live settings, or undefined when the bucket doesn't exist
 */
export async function read(
  server: Connection,
  bucket: string,
  declared: readonly LifecycleRule[] = [],
  options: ReadOptions = {},
): Promise<BucketSettings | undefined> {
  return attempt(server, `bucket ${bucket} can't be read`, async () => {
    const [live, { notApplied }] = await Promise.all([
      readSettings(server, bucket, options),
      sortByTier(server, declared),
    ]);
    if (live === undefined) return undefined;
    const ids = new Set(live.lifecycle.map(({ ID }) => ID));
    return canonicalSettings({
      ...live,
      lifecycle: [...live.lifecycle, ...notApplied.filter(({ ID }) => !ids.has(ID))],
    });
  });
}

/** Makes the bucket with its settings, or takes over an existing one where the inputs permit it. */
export async function create(server: Connection, inputs: BucketInputs): Promise<Note[]> {
  const { bucket } = inputs;
  const taken = !(await made(server, inputs));
  if (taken && !inputs.adopt) {
    throw new BucketError(
      `bucket ${bucket} exists already on ${server.url} and isn't in this stack; to take it over with its objects set adopt: true in its spec (after a killed run: bucketworks recover)`,
    );
  }
  // Refused before the state knows it: leaving it out of the spec again must not touch a bucket that isn't ours.
  if (taken) requireLock(inputs, await read(server, bucket));
  return settle(server, inputs, taken ? undefined : bare(inputs));
}

/** What a server has of a bucket that was made this moment: seven questions less for each. */
function bare({ objectLock }: BucketInputs): BucketSettings {
  const locked = objectLock !== undefined;
  return canonicalSettings({ versioning: locked, tags: {}, lifecycle: [], ...(locked && { objectLock: {} }) });
}

/** Ends a creation whose outcome was never learnt: whatever is there under the name is ours. */
export async function finish(server: Connection, inputs: BucketInputs): Promise<Note[]> {
  await made(server, inputs);
  return settle(server, inputs);
}

/** @returns false where a bucket of that name exists */
async function made(server: Connection, { bucket, objectLock }: BucketInputs): Promise<boolean> {
  try {
    await createBucket(server, bucket, objectLock !== undefined);
    return true;
  } catch (error) {
    if (hasName(error, "BucketAlreadyOwnedByYou") || hasName(error, "BucketAlreadyExists")) return false;
    const message = `bucket ${bucket} can't be created: ${explain(error, server)}`;
    throw answerLost(error) ? new PartialError(message, undefined) : new BucketError(message);
  }
}

/** As `converge`, for a bucket that the state doesn't know yet: from here on no fault may let it be forgotten. */
async function settle(server: Connection, inputs: BucketInputs, known?: BucketSettings): Promise<Note[]> {
  try {
    return await converge(server, inputs, known);
  } catch (error) {
    if (error instanceof PartialError || !(error instanceof BucketError)) throw error;
    throw new PartialError(error.message, undefined);
  }
}

/** One sentence on something that was asked for and can't be applied yet. */
export type Note = string;

/**
 * Writes the settings in which the server differs from the inputs, and only those.
 * @param known what the server has, where that is sure; else it is asked
 */
export async function converge(server: Connection, inputs: BucketInputs, known?: BucketSettings): Promise<Note[]> {
  const { bucket } = inputs;
  const options = { notifications: inputs.notifications !== undefined };
  const [live, { applied, notApplied }] = await Promise.all([
    known ?? read(server, bucket, [], options),
    attempt(server, `tiers of bucket ${bucket} can't be looked up`, () => sortByTier(server, inputs.lifecycle)),
  ]);
  if (live === undefined) {
    throw new BucketError(`bucket ${bucket} is gone from ${server.url}; run pulumi up --refresh to make it again`);
  }
  requireLock(inputs, live);
  const wanted = { ...inputs, lifecycle: [...applied] };
  try {
    await writeSettings(server, bucket, wanted, changedSettings(live, wanted));
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    const message = `${error.setting} of bucket ${bucket} can't be written: ${explain(error.cause, server)}`;
    throw new PartialError(
      message,
      await readSettings(server, bucket, options).then(
        (now) => (now === undefined ? live : canonicalSettings(now)),
        () => live,
      ),
    );
  }
  return notApplied.map((rule) => waitingNote(rule.ID, bucket, server.url, tiersOf(rule)));
}

/** @throws when an existing bucket lacks the object lock it should have */
function requireLock({ bucket, objectLock }: BucketInputs, live: BucketSettings | undefined): void {
  if (objectLock === undefined || live === undefined || live.objectLock !== undefined) return;
  throw new BucketError(
    `bucket ${bucket} exists without object lock, which can't be added later; declare a new bucket with it and copy the objects; nothing was changed`,
  );
}

/**
 * Removes an empty bucket. Objects are never deleted here, nor uploads in progress: without their bucket nobody can
 * complete them.
 * @param say called where uploads that no bucket lists couldn't be looked for
 * @returns whether the bucket is gone; false where it was to be retained
 */
export async function remove(
  server: Connection,
  inputs: BucketInputs,
  say: (line: string) => Promise<void>,
): Promise<boolean> {
  const { bucket, declared } = inputs;
  if ((declared?.onDelete ?? "retain") === "retain") return false;
  await attempt(server, `bucket ${bucket} can't be deleted`, async () => {
    try {
      const { versions, deleteMarkers, uploads, more } = await countContents(server, bucket);
      if (versions + deleteMarkers + uploads > 0) {
        const unfinished = uploads > 0 ? ` and ${uploads} uploads in progress` : "";
        throw new BucketError(
          `bucket ${bucket} isn't empty: ${more ? "more than " : ""}${versions} object versions and ${deleteMarkers} delete markers${unfinished}; nothing was deleted. To keep it set on_delete: retain and run up before taking it out of the spec; to empty it: bucketworks purge ${bucket}`,
        );
      }
      await refuseUnlisted(server, bucket, say);
      await deleteBucket(server, bucket);
    } catch (error) {
      if (!hasName(error, "NoSuchBucket")) throw error;
    }
  });
  return true;
}

/** @throws where the server holds uploads that may be of this bucket */
async function refuseUnlisted(server: Connection, bucket: string, say: (line: string) => Promise<void>): Promise<void> {
  try {
    const unlisted = await unlistedUploads(server);
    if (unlisted.count === 0) return;
    throw new BucketError(
      `bucket ${bucket} isn't deleted: ${server.url} holds ${unlistedText(unlisted)}, since it or another of its servers has been restarted; they may be of this bucket; nothing was deleted. Complete or abort them, or run up again when MinIO has ended them (24 hours after they began, unless api stale_uploads_expiry says otherwise); to keep the bucket set on_delete: retain and run up before taking it out of the spec; to remove it now, and lose those uploads if they are its own: mc rb ALIAS/${bucket}, then up`,
    );
  } catch (error) {
    if (!(error instanceof CouldNotSee)) throw error;
    await say(
      `bucket ${bucket} is deleted without a look for uploads in progress that began before the last start of ${server.url}: no bucket lists those, and ${error.message}`,
    );
  }
}

async function attempt<T>(server: Connection, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BucketError) throw error;
    throw new BucketError(`${what}: ${explain(error, server)}`);
  }
}
