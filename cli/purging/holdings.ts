import { readableBytes } from "../../config/values/readable-bytes.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { uploadsIn } from "../../provider/server/uploads.ts";
import { versionPages } from "../server-contents.ts";
import { counted } from "../terminal/print.ts";

/** What a bucket holds. */
export interface Holdings {
  /** Current objects. */
  readonly objects: number;
  readonly olderVersions: number;
  readonly deleteMarkers: number;
  /** Multipart uploads in progress. */
  readonly uploads: number;
  /** Of objects and older versions. */
  readonly bytes: number;
}

/** Everything that has to go: objects, older versions, delete markers and uploads in progress. */
export function entries({ objects, olderVersions, deleteMarkers, uploads }: Holdings): number {
  return objects + olderVersions + deleteMarkers + uploads;
}

/**
 * Counts all that a bucket holds.
 * @param onProgress told the entries counted so far; false ends the count with those
 * @throws what the server answers; `NoSuchBucket` where there is none
 */
export async function holdingsOf(
  server: Connection,
  bucket: string,
  onProgress: (entries: number) => unknown,
): Promise<Holdings> {
  const held = { objects: 0, olderVersions: 0, deleteMarkers: 0, uploads: 0, bytes: 0 };
  for await (const { Versions = [], DeleteMarkers = [] } of versionPages(server.s3, bucket, server.signal)) {
    for (const { IsLatest, Size = 0 } of Versions) {
      held[IsLatest ? "objects" : "olderVersions"] += 1;
      held.bytes += Size;
    }
    held.deleteMarkers += DeleteMarkers.length;
    if (onProgress(entries(held)) === false) return held;
  }
  for await (const _ of uploadsIn(server, bucket)) held.uploads += 1;
  return held;
}

/** `2 objects, 1 older version, 0 delete markers, 3.4 MiB`, and `1 upload in progress` where there is one. */
export function holdingsText({ objects, olderVersions, deleteMarkers, uploads, bytes }: Holdings): string {
  return [
    counted(objects, "object"),
    counted(olderVersions, "older version"),
    counted(deleteMarkers, "delete marker"),
    readableBytes(bytes),
    ...(uploads > 0 ? [unfinished(uploads)] : []),
  ].join(", ");
}

/** `1 upload in progress`. */
export function unfinished(uploads: number): string {
  return `${counted(uploads, "upload")} in progress`;
}
