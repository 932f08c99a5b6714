import { PassThrough, type Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import pMap from "p-map";
import type { Connection } from "../../provider/server/connection.ts";
import { remember } from "../../provider/server/rights.ts";
import { type Copy, copyOnServer, locked, MIB } from "./copy.ts";

/** The most that is sent in one piece: what a broken line has to be sent again. */
const PART = 64 * MIB;
/** As many parts as an object may have. */
const MOST_PARTS = 10_000;
/** Parts of one object at the same time. */
const PARTS = 2;
/** Bytes that a line carries in a millisecond at the least, for how long an answer is waited for. */
const SLOWEST = 64;
const ANSWER_MS = 30_000;
const ATTEMPTS = 3;
const BACK_OFF_MS = 200;
/** Computed as the bytes go by, and again by the server that takes them: what was altered on the way is refused. */
const ChecksumAlgorithm = "CRC64NVME";

/** Copies a version with its metadata and tags: within a server by the server, between two as a stream. @returns its id */
export function copyVersion(source: Connection, target: Connection, copy: Copy): Promise<string> {
  return source === target ? copyOnServer(target, copy) : copyAcross(source, target, copy);
}

/**
 * Sends a version from one server to another as it is read: nothing of it is kept, whatever its size.
 * @returns the id of the version that was made, `null` in a bucket without versions
 */
export async function copyAcross(
  source: Connection,
  target: Connection,
  copy: Copy,
  { part = PART } = {},
): Promise<string> {
  const { size, headers } = copy;
  if (size > part) return sendParts(source, target, copy, Math.max(part, Math.ceil(size / MOST_PARTS)));
  const at = { Bucket: copy.target.bucket, Key: copy.target.key };
  const { VersionId } = await sent(source, copy, undefined, (Body, abortSignal) => {
    const put = new PutObjectCommand({
      ...{ ...at, ...headers, ...locked(copy), ...tagging(copy), Body, ContentLength: size, ChecksumAlgorithm },
    });
    return target.s3.send(put, { abortSignal, ...patience(size) });
  });
  return VersionId ?? "null";
}

async function sendParts(source: Connection, target: Connection, copy: Copy, part: number): Promise<string> {
  const { s3, signal } = target;
  const at = { Bucket: copy.target.bucket, Key: copy.target.key };
  const options = { abortSignal: signal };
  const { size } = copy;
  const checked = { ChecksumAlgorithm, ChecksumType: "FULL_OBJECT" } as const;
  const begin = new CreateMultipartUploadCommand({
    ...{ ...at, ...copy.headers, ...locked(copy), ...tagging(copy), ...checked },
  });
  const { UploadId } = await s3.send(begin, options);
  try {
    const Parts = await pMap(
      Array.from({ length: Math.ceil(size / part) }, (_, index) => index),
      async (index) => {
        const from = index * part;
        const ContentLength = Math.min(part, size - from);
        const PartNumber = index + 1;
        const range = `bytes=${from}-${from + ContentLength - 1}`;
        const { ETag, ChecksumCRC64NVME } = await sent(source, copy, range, (Body, abortSignal) => {
          const piece = { ...at, UploadId, PartNumber, Body, ContentLength, ChecksumAlgorithm } as const;
          return s3.send(new UploadPartCommand(piece), { abortSignal, ...patience(ContentLength) });
        });
        return { PartNumber, ETag, ChecksumCRC64NVME };
      },
      { concurrency: PARTS },
    );
    const end = { ...at, UploadId, MultipartUpload: { Parts }, ChecksumType: checked.ChecksumType };
    const { VersionId } = await s3.send(new CompleteMultipartUploadCommand(end), { ...options, ...patience(size) });
    return VersionId ?? "null";
  } catch (error) {
    // What stays is no object; the server ends stale uploads by itself where this fails, too.
    await s3.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** Reads a version, or a range of it, and hands it on. A line that breaks is tried again from the beginning. */
async function sent<T>(
  source: Connection,
  copy: Copy,
  range: string | undefined,
  send: (body: Readable, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sentOnce(source, copy, range, send);
    } catch (error) {
      if (attempt === ATTEMPTS || source.signal.aborted || isRefusal(error)) throw error;
      await setTimeout(BACK_OFF_MS * attempt, undefined, { signal: source.signal });
    }
  }
}

async function sentOnce<T>(
  source: Connection,
  { source: { bucket, key, version, etag } }: Copy,
  Range: string | undefined,
  send: (body: Readable, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const id = { Bucket: bucket, Key: key, VersionId: version, IfMatch: etag, Range };
  const { Body } = await source.s3.send(new GetObjectCommand({ ...id, ChecksumMode: "ENABLED" }), {
    abortSignal: source.signal,
  });
  const body = Body as Readable;
  const broken = new AbortController();
  let fault: unknown;
  // The SDK has what is sent fail where nobody hears it, which would end the process: it is given a stream that never fails.
  const handed = body.pipe(new PassThrough());
  body.on("error", (error) => {
    fault = remember(error, "GetObject", source.url);
    broken.abort();
  });
  try {
    return await send(handed, AbortSignal.any([source.signal, broken.signal]));
  } catch (error) {
    throw fault ?? error;
  } finally {
    for (const stream of [body, handed]) stream.destroy();
  }
}

/** What another try can't help. */
function isRefusal(error: unknown): boolean {
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500;
}

function tagging({ tags }: Copy): { Tagging?: string } {
  return tags === undefined ? {} : { Tagging: new URLSearchParams(tags).toString() };
}

function patience(size: number): { requestTimeout: number } {
  return { requestTimeout: ANSWER_MS + Math.ceil(size / SLOWEST) };
}
