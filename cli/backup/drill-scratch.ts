import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import {
  DeleteBucketCommand,
  GetBucketTaggingCommand,
  ListBucketsCommand,
  type ListBucketsCommandOutput,
} from "@aws-sdk/client-s3";
import { SCRATCH_PREFIX } from "../../config/values/scratch-buckets.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { absent, hasName } from "../../provider/server/read.ts";
import { markOf } from "../ending/processes.ts";
import { emptyBucket } from "../purging/empty.ts";
import { makeBucket } from "../restore/destination.ts";

/** How a drill's buckets are named: machine, process, when that began, and a number. Nobody else's are removed. */
const NAME = /^bucketworks-drill-([0-9a-f]{8})-(\d+)-([0-9a-z]+)-[0-9a-f]{4}$/;
/** On a scratch bucket that has been made whole; one without is removed only while it is empty. */
const TAG = "bucketworks:drill";
/** After which the drill of another machine, which can't be asked, is taken for dead, milliseconds. */
const STALE = 24 * 3600 * 1000;

/** Makes an empty bucket for a drill. */
export async function makeScratch(server: Connection): Promise<string> {
  const started = (markOf(process.pid)?.started ?? "0")
    .toLowerCase()
    .replaceAll(/[^0-9a-z]/g, "")
    .slice(-16);
  const bucket = `${SCRATCH_PREFIX}${machine()}-${process.pid}-${started}-${randomBytes(2).toString("hex")}`;
  await makeBucket(server, bucket, { [TAG]: "scratch" });
  return bucket;
}

/** Removes a scratch bucket with all that is in it. */
export async function removeScratch(server: Connection, bucket: string): Promise<void> {
  if (!NAME.test(bucket)) throw new Error(`${bucket} is no scratch bucket`);
  const stop = new AbortController().signal;
  const { fault } = await emptyBucket(server, bucket, { stop, onProgress: () => undefined });
  if (fault !== undefined) throw fault;
  await removeEmpty(server, bucket);
}

/** Removes scratch buckets of drills that were killed. @returns their names */
export async function removeLeftScratch(server: Connection): Promise<string[]> {
  const { Buckets = [] } = await seenBuckets(server);
  const left: string[] = [];
  for (const { Name: bucket = "", CreationDate: made } of Buckets) {
    if (!isLeft(bucket, Date.now() - (made ?? new Date()).getTime())) continue;
    const tagging = await absent(
      "NoSuchTagSet",
      server.s3.send(new GetBucketTaggingCommand({ Bucket: bucket }), { abortSignal: server.signal }),
    );
    if (tagging?.TagSet?.some(({ Key }) => Key === TAG)) await removeScratch(server, bucket);
    else if (!(await removedEmpty(server, bucket))) continue;
    left.push(bucket);
  }
  return left;
}

/** MinIO shows each key the buckets that it may see, and refuses one that may see none of those that are there. */
async function seenBuckets({ s3, signal }: Connection): Promise<ListBucketsCommandOutput> {
  const none = { $metadata: {} };
  return (await absent("AccessDenied", s3.send(new ListBucketsCommand(), { abortSignal: signal }))) ?? none;
}

/**
 * Whether a bucket is of a drill that works no more.
 * @param age milliseconds
 */
export function isLeft(bucket: string, age: number, here = machine()): boolean {
  const [, host, pid, started] = NAME.exec(bucket) ?? [];
  if (host === undefined || started === undefined) return false;
  if (host !== here) return age > STALE;
  const mark = markOf(Number(pid));
  return (
    mark === undefined ||
    !mark.started
      .toLowerCase()
      .replaceAll(/[^0-9a-z]/g, "")
      .endsWith(started)
  );
}

async function removeEmpty({ s3, signal }: Connection, bucket: string): Promise<void> {
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }), { abortSignal: signal });
}

async function removedEmpty(server: Connection, bucket: string): Promise<boolean> {
  try {
    await removeEmpty(server, bucket);
    return true;
  } catch (error) {
    if (hasName(error, "BucketNotEmpty")) return false;
    throw error;
  }
}

function machine(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
