import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { DeleteBucketCommand, GetBucketTaggingCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import { absent } from "../../provider/server/read.ts";
import { isAlive, markOf } from "../ending/processes.ts";
import { emptyBucket } from "../purging/empty.ts";
import { makeBucket } from "../restore/destination.ts";

/** How a drill's buckets are named; nobody else's are removed. */
const NAME = /^bucketworks-drill-[0-9a-f]{12}$/;
/** On a scratch bucket: who made it, so that one of a drill that runs isn't removed. */
const OWNER = "bucketworks:drill";
/** After which the drill of another machine, which can't be asked, is taken for dead, milliseconds. */
const STALE = 24 * 3600 * 1000;

/** Makes an empty bucket for a drill. */
export async function makeScratch(server: Connection): Promise<string> {
  const bucket = `bucketworks-drill-${randomBytes(6).toString("hex")}`;
  await makeBucket(server, bucket, { [OWNER]: owner() });
  return bucket;
}

/** Removes a scratch bucket with all that is in it. */
export async function removeScratch(server: Connection, bucket: string): Promise<void> {
  if (!NAME.test(bucket)) throw new Error(`${bucket} is no scratch bucket`);
  const stop = new AbortController().signal;
  const { fault } = await emptyBucket(server, bucket, { stop, onProgress: () => undefined });
  if (fault !== undefined) throw fault;
  await server.s3.send(new DeleteBucketCommand({ Bucket: bucket }), { abortSignal: server.signal });
}

/** Removes scratch buckets of drills that were killed. @returns their names */
export async function removeLeftScratch(server: Connection): Promise<string[]> {
  const { Buckets = [] } = await server.s3.send(new ListBucketsCommand(), { abortSignal: server.signal });
  const left: string[] = [];
  for (const { Name: bucket = "", CreationDate: made } of Buckets) {
    if (!NAME.test(bucket)) continue;
    const tagging = await absent(
      "NoSuchTagSet",
      server.s3.send(new GetBucketTaggingCommand({ Bucket: bucket }), { abortSignal: server.signal }),
    );
    const tag = tagging?.TagSet?.find(({ Key }) => Key === OWNER)?.Value;
    if (!isLeft(tag, Date.now() - (made ?? new Date()).getTime())) continue;
    await removeScratch(server, bucket);
    left.push(bucket);
  }
  return left;
}

/**
 * Whether nobody works with a scratch bucket any more.
 * @param tag undefined of one whose drill was killed before it was tagged: it is empty then
 * @param age milliseconds
 */
export function isLeft(tag: string | undefined, age: number, here = machine()): boolean {
  const [host, pid, started] = tag?.split("/") ?? [];
  if (host !== here) return age > STALE;
  return !isAlive({ pid: Number(pid), started: started ?? "" });
}

function owner(): string {
  return `${machine()}/${process.pid}/${tagText(markOf(process.pid)?.started ?? "")}`;
}

function machine(): string {
  return tagText(hostname());
}

/** Tags take few characters. */
function tagText(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, "-");
}
