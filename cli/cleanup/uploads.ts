import { ListPartsCommand } from "@aws-sdk/client-s3";
import pMap from "p-map";
import type { Connection } from "../../provider/server/connection.ts";
import { hasName } from "../../provider/server/read.ts";
import { abortUpload, type Upload, uploadsIn } from "../../provider/server/uploads.ts";
import { counted } from "../terminal/print.ts";
import type { Leftover } from "./leftover.ts";

/** Requests at the same time. */
const REQUESTS = 8;

/**
 * Uploads that were begun before `limit` and neither completed nor aborted, a bucket at a time. One whose beginning the server
 * doesn't say is younger for all anybody knows.
 */
export async function oldUploads(server: Connection, buckets: readonly string[], limit: Date): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const bucket of buckets) {
    const old = await oldUploadsIn(server, bucket, limit);
    if (old.length === 0) continue;
    const sizes = await pMap(old, (upload) => bytesOf(server, bucket, upload), { concurrency: REQUESTS });
    found.push({
      kind: "uploads",
      bucket,
      what: `${counted(old.length, "upload")} in progress begun before ${limit.toISOString()}`,
      count: old.length,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      stays: undefined,
      remove: async (connection) => {
        await pMap(old, (upload) => abortUpload(connection, bucket, upload), { concurrency: REQUESTS });
      },
    });
  }
  return found;
}

async function oldUploadsIn(server: Connection, bucket: string, limit: Date): Promise<Upload[]> {
  const old: Upload[] = [];
  try {
    for await (const upload of uploadsIn(server, bucket)) {
      if (upload.began !== undefined && upload.began < limit) old.push(upload);
    }
  } catch (error) {
    if (!hasName(error, "NoSuchBucket")) throw error;
  }
  return old;
}

/** Of the parts that were sent; 0 where it is gone meanwhile. MinIO names a next page even of the last one. */
async function bytesOf(
  { s3, signal }: Connection,
  Bucket: string,
  { key: Key, id: UploadId }: Upload,
): Promise<number> {
  let bytes = 0;
  let next: { PartNumberMarker?: string | undefined } | undefined = {};
  try {
    while (next !== undefined) {
      const command: ListPartsCommand = new ListPartsCommand({ Bucket, Key, UploadId, ...next });
      const page = await s3.send(command, { abortSignal: signal });
      for (const { Size = 0 } of page.Parts ?? []) bytes += Size;
      next = page.IsTruncated ? { PartNumberMarker: page.NextPartNumberMarker } : undefined;
    }
  } catch (error) {
    if (!hasName(error, "NoSuchUpload")) throw error;
  }
  return bytes;
}
