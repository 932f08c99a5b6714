import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import pMap from "p-map";
import type { Connection } from "../../provider/server/connection.ts";
import { lightRequest } from "./light.ts";

export const MIB = 1024 * 1024;
/** The most that S3 copies at once. */
const COPY_LIMIT = 5 * 1024 * MIB;
const PART = 512 * MIB;
/** Parts of one object at the same time. */
const PARTS = 4;
/** Bytes that a server copies in a millisecond at the least, for how long an answer is waited for. */
const SLOWEST = 5 * 1024;
const ANSWER_MS = 30_000;

/** What a version is copied from and to. */
export interface Copy {
  readonly source: {
    readonly bucket: string;
    readonly key: string;
    readonly version: string;
    /** The content that is meant, of a version that can be written over; undefined of every other. */
    readonly etag: string | undefined;
  };
  readonly size: number;
  readonly target: { readonly bucket: string; readonly key: string };
  /** Absent: as the target's own default is. */
  readonly lock?: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly until: Date };
  readonly hold?: boolean;
  /** Instead of those of the source. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What a copy in one piece takes along, but for `Expires`. */
  readonly headers: Pick<
    CreateMultipartUploadCommandInput,
    | "CacheControl"
    | "ContentDisposition"
    | "ContentEncoding"
    | "ContentLanguage"
    | "ContentType"
    | "Expires"
    | "Metadata"
    | "Tagging"
  >;
}

/** Has the server copy a version, with its metadata and tags. @returns the id of the version that was made, `null` in a bucket without versions */
export async function copyOnServer(
  server: Connection,
  copy: Copy,
  { limit = COPY_LIMIT, part = PART } = {},
): Promise<string> {
  if (copy.size > limit) return copyParts(server, copy, part);
  const { bucket, key } = copy.target;
  const { headers } = await lightRequest(server, "CopyObject", {
    ...{ method: "PUT", path: `/${bucket}/${key}`, query: {} },
    headers: { ...copyHeaders(copy), "x-amz-checksum-algorithm": "CRC64NVME" },
    patience: patience(copy.size).requestTimeout,
  });
  return headers["x-amz-version-id"] ?? "null";
}

function copyHeaders(copy: Copy): Record<string, string> {
  const { CopySource, CopySourceIfMatch } = from(copy);
  const { lock, tags, hold = false, headers } = copy;
  const tagging = tags && new URLSearchParams(tags).toString();
  return {
    "x-amz-copy-source": CopySource,
    ...(CopySourceIfMatch !== undefined && { "x-amz-copy-source-if-match": CopySourceIfMatch }),
    ...(lock && {
      "x-amz-object-lock-mode": lock.mode,
      "x-amz-object-lock-retain-until-date": lock.until.toISOString(),
    }),
    ...(hold && { "x-amz-object-lock-legal-hold": "ON" }),
    ...(tagging !== undefined && { "x-amz-tagging-directive": "REPLACE" }),
    ...(tagging && { "x-amz-tagging": tagging }),
    ...(headers.Expires !== undefined && replacing(headers)),
  };
}

/** MinIO leaves `expires` out of what a copy takes along: it is sent again then, with all that belongs to it. */
function replacing(headers: Copy["headers"]): Record<string, string> {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Expires, Metadata } =
    headers;
  const all = {
    ...{
      "cache-control": CacheControl,
      "content-disposition": ContentDisposition,
      "content-encoding": ContentEncoding,
    },
    ...{ "content-language": ContentLanguage, "content-type": ContentType ?? "binary/octet-stream" },
    expires: Expires?.toUTCString(),
  };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const own = Object.entries(Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value] as const);
  return { "x-amz-metadata-directive": "REPLACE", ...Object.fromEntries([...given, ...own]) };
}

async function copyParts(server: Connection, copy: Copy, part: number): Promise<string> {
  const { s3, signal } = server;
  const { bucket: Bucket, key: Key } = copy.target;
  const options = { abortSignal: signal };
  const begun = new CreateMultipartUploadCommand({ Bucket, Key, ...copy.headers, ...locked(copy) });
  const { UploadId } = await s3.send(begun, options);
  try {
    const count = Math.ceil(copy.size / part);
    const Parts = await pMap(
      Array.from({ length: count }, (_, index) => index),
      async (index) => {
        const range = `bytes=${index * part}-${Math.min((index + 1) * part, copy.size) - 1}`;
        const piece = { Bucket, Key, UploadId, PartNumber: index + 1, ...from(copy), CopySourceRange: range };
        const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(piece), { ...options, ...patience(part) });
        return { PartNumber: index + 1, ETag: CopyPartResult?.ETag };
      },
      { concurrency: PARTS },
    );
    const all = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    const { VersionId } = await s3.send(all, { ...options, ...patience(copy.size) });
    return VersionId ?? "null";
  } catch (error) {
    // What stays is no object; the server ends stale uploads by itself where this fails, too.
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    throw error;
  }
}

function from({ source: { bucket, key, version, etag } }: Copy): { CopySource: string; CopySourceIfMatch?: string } {
  const source = `${bucket}/${encodeURIComponent(key)}?versionId=${encodeURIComponent(version)}`;
  return { CopySource: source, ...(etag !== undefined && { CopySourceIfMatch: etag }) };
}

/** How what is stored is locked, as requests that write it take that. */
export function locked({
  lock,
  hold = false,
}: Copy): Pick<
  CreateMultipartUploadCommandInput,
  "ObjectLockMode" | "ObjectLockRetainUntilDate" | "ObjectLockLegalHoldStatus"
> {
  return {
    ...(lock && { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: lock.until }),
    ...(hold && { ObjectLockLegalHoldStatus: "ON" as const }),
  };
}

function patience(size: number): { requestTimeout: number } {
  return { requestTimeout: ANSWER_MS + Math.ceil(size / SLOWEST) };
}
