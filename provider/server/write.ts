import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import type { BucketSettings } from "../bucket-types.ts";
import type { Setting } from "../diff.ts";
import { writeQuota } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { writeNotifications } from "./notifications.ts";
import { remember } from "./rights.ts";
import { toServer } from "./sdk-lifecycle.ts";
import { uploadsIn } from "./uploads.ts";

/**
 * Makes the bare bucket. Asked once: a second try that finds the name taken couldn't say by whom.
 * @throws `BucketAlreadyOwnedByYou` or `BucketAlreadyExists` when the name is taken
 */
export async function createBucket({ s3Once, signal }: Connection, Bucket: string, lock: boolean): Promise<void> {
  const made = s3Once.send(new CreateBucketCommand({ Bucket, ...(lock && { ObjectLockEnabledForBucket: true }) }), {
    abortSignal: signal,
  });
  await made.catch((error: unknown) => {
    throw lock ? remember(error, "CreateBucket with lock") : error;
  });
}

/** @throws `BucketNotEmpty` when it holds anything, `NoSuchBucket` when it is gone */
export async function deleteBucket({ s3, signal }: Connection, Bucket: string): Promise<void> {
  await s3.send(new DeleteBucketCommand({ Bucket }), { abortSignal: signal });
}

/** What a bucket holds, counted up to `limit` entries. */
export interface Contents {
  readonly versions: number;
  readonly deleteMarkers: number;
  /** Multipart uploads in progress. */
  readonly uploads: number;
  /** True where counting stopped at the limit. */
  readonly more: boolean;
}

export async function countContents(server: Connection, bucket: string, limit = 10_000): Promise<Contents> {
  let versions = 0;
  let deleteMarkers = 0;
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (next && versions + deleteMarkers < limit) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({ Bucket: bucket, ...next });
    const page = await server.s3.send(command, { abortSignal: server.signal });
    versions += page.Versions?.length ?? 0;
    deleteMarkers += page.DeleteMarkers?.length ?? 0;
    next = page.IsTruncated
      ? {
          ...(page.NextKeyMarker && { KeyMarker: page.NextKeyMarker }),
          ...(page.NextVersionIdMarker && { VersionIdMarker: page.NextVersionIdMarker }),
        }
      : undefined;
  }
  let uploads = 0;
  for await (const _ of uploadsIn(server, bucket)) uploads += 1;
  return { versions, deleteMarkers, uploads, more: next !== undefined };
}

type Write = (server: Connection, Bucket: string, settings: BucketSettings) => Promise<unknown>;

const writeVersioning: Write = ({ s3, signal }, Bucket, { versioning }) =>
  s3.send(
    new PutBucketVersioningCommand({
      Bucket,
      VersioningConfiguration: { Status: versioning ? "Enabled" : "Suspended" },
    }),
    { abortSignal: signal },
  );

/** One write a setting; each makes the server's value equal to the one in `settings`, whatever it was. */
const WRITES: Record<Setting, Write> = {
  versioning: writeVersioning,
  versioningExclusions: writeVersioning,
  objectLock: ({ s3, signal }, Bucket, { objectLock: lock }) =>
    s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          ...(lock?.mode && {
            Rule: {
              DefaultRetention: { Mode: lock.mode, ...(lock.years ? { Years: lock.years } : { Days: lock.days }) },
            },
          }),
        },
      }),
      { abortSignal: signal },
    ),
  encryption: ({ s3, signal }, Bucket, { encryption }) =>
    encryption === undefined
      ? s3.send(new DeleteBucketEncryptionCommand({ Bucket }), { abortSignal: signal })
      : s3.send(
          new PutBucketEncryptionCommand({
            Bucket,
            ServerSideEncryptionConfiguration: {
              Rules: [
                {
                  ApplyServerSideEncryptionByDefault: {
                    SSEAlgorithm: encryption.algorithm,
                    ...(encryption.keyId && { KMSMasterKeyID: encryption.keyId }),
                  },
                },
              ],
            },
          }),
          { abortSignal: signal },
        ),
  tags: ({ s3, signal }, Bucket, { tags }) =>
    Object.keys(tags).length === 0
      ? s3.send(new DeleteBucketTaggingCommand({ Bucket }), { abortSignal: signal })
      : s3.send(
          new PutBucketTaggingCommand({
            Bucket,
            Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
          }),
          { abortSignal: signal },
        ),
  lifecycle: ({ s3, signal }, Bucket, { lifecycle }) =>
    lifecycle.length === 0
      ? s3.send(new DeleteBucketLifecycleCommand({ Bucket }), { abortSignal: signal })
      : s3.send(
          new PutBucketLifecycleConfigurationCommand({
            Bucket,
            LifecycleConfiguration: { Rules: lifecycle.map(toServer) },
          }),
          { abortSignal: signal },
        ),
  policy: ({ s3, signal }, Bucket, { policy }) =>
    policy === undefined
      ? s3.send(new DeleteBucketPolicyCommand({ Bucket }), { abortSignal: signal })
      : s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }), { abortSignal: signal }),
  quota: (server, bucket, { quota }) => writeQuota(server, bucket, quota),
  notifications: (server, bucket, { notifications = [] }) => writeNotifications(server, bucket, notifications),
};

/**
 * Writes the named settings one after the other.
 * @throws `WriteError` naming the setting that failed; earlier ones are on the server
 */
export async function writeSettings(
  server: Connection,
  bucket: string,
  settings: BucketSettings,
  which: readonly Setting[],
): Promise<void> {
  for (const setting of which) {
    try {
      await WRITES[setting](server, bucket, settings);
    } catch (error) {
      throw new WriteError(setting, error);
    }
  }
}

export class WriteError extends Error {
  readonly setting: Setting;

  constructor(setting: Setting, cause: unknown) {
    super(`${setting} can't be written`, { cause });
    this.name = "WriteError";
    this.setting = setting;
  }
}
