import {
  type _Error,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type ListObjectVersionsCommandOutput,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import { abortUpload, uploadsIn } from "../../provider/server/uploads.ts";
import { versionPages } from "../server-contents.ts";

/** Requests of 1000 deletions each that the server sees at the same time. */
const BATCHES = 2;
/** In keys that a server takes, and a list of keys to delete can't hold: it is XML. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
/** Questions about refused versions at the same time, within a batch. */
const QUESTIONS = 8;

/** What came of emptying a bucket. */
export interface Emptied {
  /** Versions and delete markers that are gone. */
  deleted: number;
  /** Multipart uploads that were ended. */
  aborted: number;
  bytes: number;
  /** Why the server refused to delete a version -> how many it refused. */
  readonly refused: Map<string, number>;
  /** When the last lock of a refused version ends; undefined where none has an end. */
  lockedUntil: Date | undefined;
  /** The fault that ended the work half-way. */
  fault: unknown;
}

export interface EmptyOptions {
  /** Ends the work after the batches under way. */
  readonly stop: AbortSignal;
  /** Told how many versions, delete markers and uploads are gone. */
  readonly onProgress: (deleted: number) => void;
}

/** Deletes every version and delete marker, never one that is locked, then ends uploads. A fault is answered, not thrown. */
export async function emptyBucket(server: Connection, bucket: string, options: EmptyOptions): Promise<Emptied> {
  const done: Emptied = {
    deleted: 0,
    aborted: 0,
    bytes: 0,
    refused: new Map(),
    lockedUntil: undefined,
    fault: undefined,
  };
  const running = new Set<Promise<void>>();
  const ended = (): boolean => options.stop.aborted || done.fault !== undefined;
  try {
    for await (const page of versionPages(server.s3, bucket, server.signal)) {
      while (running.size >= BATCHES) await Promise.race(running);
      if (ended()) break;
      const batch = deleteBatch(server, bucket, page, done)
        .then(() => options.onProgress(done.deleted))
        .catch((error: unknown) => {
          done.fault ??= error;
        })
        .finally(() => running.delete(batch));
      running.add(batch);
    }
  } catch (error) {
    done.fault ??= error;
  }
  await Promise.all(running);
  if (!ended()) await abortUploads(server, bucket, done, options);
  return done;
}

/** One after the other: there are few, and Ctrl-C stops between two. */
async function abortUploads(
  server: Connection,
  bucket: string,
  done: Emptied,
  { stop, onProgress }: EmptyOptions,
): Promise<void> {
  try {
    for await (const upload of uploadsIn(server, bucket)) {
      if (stop.aborted) return;
      await abortUpload(server, bucket, upload);
      done.aborted += 1;
      onProgress(done.deleted + done.aborted);
    }
  } catch (error) {
    done.fault ??= error;
  }
}

async function deleteBatch(
  server: Connection,
  bucket: string,
  { Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput,
  done: Emptied,
): Promise<void> {
  const sizes = new Map(Versions.map(({ Key, VersionId, Size = 0 }) => [`${VersionId} ${Key}`, Size]));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key = "", VersionId }) => ({ Key, VersionId }));
  if (Objects.length === 0) return;
  const Errors = [
    ...(await deleteTogether(
      server,
      bucket,
      Objects.filter(({ Key }) => !NOT_IN_XML.test(Key)),
    )),
    ...(await deleteSingly(
      server,
      bucket,
      Objects.filter(({ Key }) => NOT_IN_XML.test(Key)),
    )),
  ];
  for (const { Key, VersionId } of Errors) sizes.delete(`${VersionId} ${Key}`);
  done.deleted += Objects.length - Errors.length;
  done.bytes += [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for (let from = 0; from < Errors.length; from += QUESTIONS) {
    await Promise.all(
      Errors.slice(from, from + QUESTIONS).map(async ({ Key = "", VersionId, Code, Message }) => {
        const { reason, until } = await refusal(server, bucket, { Key, VersionId }, `${Code}: ${Message}`);
        done.refused.set(reason, (done.refused.get(reason) ?? 0) + 1);
        if (until !== undefined && until > (done.lockedUntil ?? new Date(0))) done.lockedUntil = until;
      }),
    );
  }
}

type Version = { Key: string; VersionId: string | undefined };
/** Why one wasn't deleted. */
type Failure = Pick<_Error, "Key" | "VersionId" | "Code" | "Message">;

async function deleteTogether({ s3, signal }: Connection, Bucket: string, Objects: Version[]): Promise<Failure[]> {
  if (Objects.length === 0) return [];
  const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
  return (await s3.send(command, { abortSignal: signal })).Errors ?? [];
}

async function deleteSingly({ s3, signal }: Connection, Bucket: string, versions: Version[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const version of versions) {
    try {
      await s3.send(new DeleteObjectCommand({ Bucket, ...version }), { abortSignal: signal });
    } catch (error) {
      if (!(error instanceof S3ServiceException) || error.name !== "AccessDenied") throw error;
      failures.push({ ...version, Code: error.name, Message: error.message } as Failure);
    }
  }
  return failures;
}

interface Refusal {
  readonly reason: string;
  readonly until?: Date | undefined;
}

/** S3 refuses a locked version with a general code; what locks it stands with the version. */
async function refusal(
  { s3, signal }: Connection,
  Bucket: string,
  version: { Key: string; VersionId: string | undefined },
  said: string,
): Promise<Refusal> {
  const command = new HeadObjectCommand({ Bucket, ...version });
  const head: Partial<HeadObjectCommandOutput> = await s3.send(command, { abortSignal: signal }).catch(() => ({}));
  if (head.ObjectLockLegalHoldStatus === "ON") return { reason: "legal hold" };
  if (head.ObjectLockMode === undefined) return { reason: said };
  return { reason: `${head.ObjectLockMode.toLowerCase()} lock`, until: head.ObjectLockRetainUntilDate };
}
