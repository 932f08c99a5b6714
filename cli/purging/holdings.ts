import type { Connection } from "../../provider/server/connection.ts";
import { readableBytes, versionPages } from "../local/contents.ts";
import { counted } from "../print.ts";

/** What a bucket holds. */
export interface Holdings {
  /** Current objects. */
  readonly objects: number;
  readonly olderVersions: number;
  readonly deleteMarkers: number;
  /** Of objects and older versions. */
  readonly bytes: number;
}

/** Everything that has to go: objects, older versions and delete markers. */
export function entries({ objects, olderVersions, deleteMarkers }: Holdings): number {
  return objects + olderVersions + deleteMarkers;
}

/**
 * Counts all that a bucket holds.
 * @param onProgress told the entries counted so far; false ends the count with those
 * @throws what the server answers; `NoSuchBucket` where there is none
 */
export async function holdingsOf(
  { s3, signal }: Connection,
  bucket: string,
  onProgress: (entries: number) => unknown,
): Promise<Holdings> {
  const held = { objects: 0, olderVersions: 0, deleteMarkers: 0, bytes: 0 };
  for await (const { Versions = [], DeleteMarkers = [] } of versionPages(s3, bucket, signal)) {
    for (const { IsLatest, Size = 0 } of Versions) {
      held[IsLatest ? "objects" : "olderVersions"] += 1;
      held.bytes += Size;
    }
    held.deleteMarkers += DeleteMarkers.length;
    if (onProgress(entries(held)) === false) break;
  }
  return held;
}

/** `2 objects, 1 older version, 0 delete markers, 3.4 MiB`. */
export function holdingsText({ objects, olderVersions, deleteMarkers, bytes }: Holdings): string {
  return [
    counted(objects, "object"),
    counted(olderVersions, "older version"),
    counted(deleteMarkers, "delete marker"),
    readableBytes(bytes),
  ].join(", ");
}
