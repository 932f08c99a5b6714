import { createHash } from "node:crypto";
import {
  CreateBucketCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import type { Destination } from "../../backup/restore/restore-bucket.ts";
import { isChosen, type Selection } from "../../backup/restore/steps.ts";
import { versionsOf } from "../../backup/run/listing.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { absent, hasName } from "../../provider/server/read.ts";

const LONGEST_NAME = 63;

/** Tags of a bucket that a restore made: what of, and of which moment. */
export const TAG = { source: "bucketworks:restored-from", moment: "bucketworks:restored-to" } as const;

/**
 * The name of the fresh bucket that a restore goes into: the same for the same restore, so that one which was interrupted is
 * continued.
 */
export function freshName(bucket: string, moment: Date, { prefix, key }: Selection): string {
  const part = prefix === undefined && key === undefined ? "" : `-${digestOf(JSON.stringify([prefix, key]))}`;
  const ending = `-${moment
    .toISOString()
    .replaceAll(/[-:]|[.]000/g, "")
    .replace(".", "")
    .toLowerCase()}${part}`;
  return `${bucket.slice(0, LONGEST_NAME - ending.length).replace(/[-.]+$/, "")}${ending}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}

/** The bucket as it is on the server. */
export async function destinationOf(
  { s3, signal }: Connection,
  bucket: string,
  inPlace: boolean,
): Promise<Destination> {
  const options = { abortSignal: signal };
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }), options);
  } catch (error) {
    if (!["NotFound", "NoSuchBucket"].some((name) => hasName(error, name))) throw error;
    return { bucket, exists: false, inPlace, locks: false };
  }
  const lock = await absent(
    "ObjectLockConfigurationNotFoundError",
    s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }), options),
  );
  return { bucket, exists: true, inPlace, locks: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled" };
}

/** Whether a bucket keeps what is written over. */
export async function keepsVersions({ s3, signal }: Connection, bucket: string): Promise<boolean> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), { abortSignal: signal });
  return Status === "Enabled";
}

/** Whether a restore of `source` made the bucket: several may share it. */
export async function isOfRestore({ s3, signal }: Connection, bucket: string, source: string): Promise<boolean> {
  const tagging = await absent(
    "NoSuchTagSet",
    s3.send(new GetBucketTaggingCommand({ Bucket: bucket }), { abortSignal: signal }),
  );
  return tagging?.TagSet?.some(({ Key, Value }) => Key === TAG.source && Value === source) === true;
}

/** The first object of a bucket that isn't chosen; undefined where there is none. */
export async function otherObject(
  server: Connection,
  bucket: string,
  selection: Selection,
): Promise<string | undefined> {
  for await (const page of versionsOf(server, bucket, "")) {
    const other = page.find(({ key, latest, marker }) => latest && !marker && !isChosen(key, selection));
    if (other !== undefined) return other.key;
  }
  return undefined;
}

/**
 * Makes the fresh bucket: private; with versions, so that nothing is lost once it is used; without a lock, so that it can be
 * removed; tagged with what it is.
 */
export async function makeBucket(
  { s3, signal }: Connection,
  bucket: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const options = { abortSignal: signal };
  await s3.send(new CreateBucketCommand({ Bucket: bucket }), options);
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await s3.send(new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet } }), options);
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }), options);
}
