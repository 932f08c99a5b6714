import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
} from "@aws-sdk/client-s3";
import type { Connection } from "./connection.ts";
import { hasName } from "./read.ts";

/** A multipart upload that was begun and neither completed nor aborted: its parts are data that somebody sent. */
export interface Upload {
  readonly key: string;
  readonly id: string;
  /** When it was begun; undefined where the server doesn't say. */
  readonly began: Date | undefined;
}

/**
 * The uploads in progress of a bucket. MinIO lists a bucket's uploads only without a prefix (with one it takes it for
 * the whole key), from the memory of the server: those begun before its last start, or at another server of its
 * deployment, are not among them (`ListMultipartUploads` in cmd/erasure-server-pool.go of minio/minio;
 * minio/minio#20989). `unlisted-uploads.ts` sees whether there are such.
 * @throws what the server answers; `NoSuchBucket` where there is none
 */
export async function* uploadsIn(
  { s3, signal }: Pick<Connection, "s3" | "signal">,
  Bucket: string,
): AsyncGenerator<Upload> {
  let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (next !== undefined) {
    const page: ListMultipartUploadsCommandOutput = await s3.send(
      new ListMultipartUploadsCommand({ Bucket, ...next }),
      { abortSignal: signal },
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) yield { key: Key, id: UploadId, began: Initiated };
    }
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    next = page.IsTruncated && KeyMarker ? { KeyMarker, ...(UploadIdMarker && { UploadIdMarker }) } : undefined;
  }
}

/** Ends an upload and deletes its parts; one that is gone meanwhile is as good. */
export async function abortUpload({ s3, signal }: Connection, Bucket: string, { key, id }: Upload): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: id }), { abortSignal: signal });
  } catch (error) {
    if (!hasName(error, "NoSuchUpload")) throw error;
  }
}
