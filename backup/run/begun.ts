import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";

/** Where a bucket's versions are stored. */
interface Place {
  readonly target: Connection;
  readonly bucket: string;
  readonly into: { readonly bucket: string; readonly prefix: string };
}

/**
 * Remembers that a run has begun to store: an object that is written before the first copy. One that is younger than the last
 * manifest tells the next run that this one was interrupted.
 * @param last when the last manifest was stored, by the target's clock
 * @returns whether an interrupted run may have stored what no manifest names
 */
export async function begin({ target, bucket, into }: Place, last: Date): Promise<boolean> {
  const key = `${into.prefix}begun/${bucket}`;
  // A listing has milliseconds, an object's own header seconds.
  const command = new ListObjectsV2Command({ Bucket: into.bucket, Prefix: key, MaxKeys: 1 });
  const { Contents: [before] = [] } = await target.s3.send(command, { abortSignal: target.signal });
  const begun = { Bucket: into.bucket, Key: key, Body: "", ContentLength: 0 };
  await target.s3.send(new PutObjectCommand(begun), { abortSignal: target.signal });
  return before?.Key !== key || before.LastModified === undefined || before.LastModified >= last;
}

/** Whether anything was ever stored: where not, no version is looked for in the target. */
export async function holdsAny(
  { s3, signal }: Connection,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
): Promise<boolean> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}objects/`, MaxKeys: 1 });
  return ((await s3.send(command, { abortSignal: signal })).KeyCount ?? 0) > 0;
}
