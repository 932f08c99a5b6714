import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ListObjectVersionsCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { Checkout } from "./checkout.ts";

export interface Contents {
  readonly buckets: number;
  /** Current objects, versions that are not current, and the bytes of both. */
  readonly objects: number;
  readonly oldVersions: number;
  readonly bytes: number;
  /** Multipart uploads in progress. */
  readonly uploads: number;
  /** False when counting was cut off: there is more than this. */
  readonly complete: boolean;
}

/** Counts what the server of a checkout holds, for at most `milliseconds`. */
export async function countContents(
  checkout: Checkout,
  client: S3Client,
  buckets: readonly string[],
  milliseconds = 20_000,
): Promise<Contents> {
  const deadline = Date.now() + milliseconds;
  const count = { buckets: buckets.length, objects: 0, oldVersions: 0, bytes: 0, uploads: uploadFolders(checkout) };
  for (const bucket of buckets) {
    for await (const page of versionPages(client, bucket)) {
      for (const version of page.Versions ?? []) {
        count[version.IsLatest ? "objects" : "oldVersions"] += 1;
        count.bytes += version.Size ?? 0;
      }
      if (Date.now() > deadline) return { ...count, complete: false };
    }
  }
  return { ...count, complete: true };
}

/** Multipart uploads in progress as the data folder shows them: a list of the server's lacks those of before its last start. */
function uploadFolders({ minio }: Checkout): number {
  const multipart = join(minio.data, ".minio.sys/multipart");
  if (!existsSync(multipart)) return 0;
  return readdirSync(multipart).flatMap((hash) => readdirSync(join(multipart, hash))).length;
}

/** Whether a bucket holds a version or a delete marker. */
export async function isFilled(client: S3Client, Bucket: string, signal: AbortSignal): Promise<boolean> {
  const { ListObjectVersionsCommand } = await import("@aws-sdk/client-s3");
  const command = new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 });
  const { Versions = [], DeleteMarkers = [] } = await client.send(command, { abortSignal: signal });
  return Versions.length + DeleteMarkers.length > 0;
}

/** Every version and delete marker of a bucket, at most 1000 of both a page. */
export async function* versionPages(
  client: S3Client,
  Bucket: string,
  signal?: AbortSignal,
): AsyncGenerator<ListObjectVersionsCommandOutput> {
  const { ListObjectVersionsCommand } = await import("@aws-sdk/client-s3");
  let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, ...next }),
      signal && { abortSignal: signal },
    );
    yield page;
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    next = page.IsTruncated && KeyMarker ? { KeyMarker, ...(VersionIdMarker && { VersionIdMarker }) } : undefined;
  }
}

/** The bucket names as the data folder shows them while no server runs. */
export function bucketFolders(checkout: Checkout): string[] {
  if (!existsSync(checkout.minio.data)) return [];
  return readdirSync(checkout.minio.data).filter((name) => !name.startsWith("."));
}
