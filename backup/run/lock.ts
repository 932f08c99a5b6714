import { PutObjectRetentionCommand } from "@aws-sdk/client-s3";
import { lockedDays } from "../../config/values/backup-lock.ts";
import type { Connection } from "../../provider/server/connection.ts";

const DAY_MS = 24 * 3600 * 1000;

/** How a target's objects are locked. */
export interface Lock {
  readonly mode: "GOVERNANCE" | "COMPLIANCE";
  readonly keepDays: number;
}

/**
 * When the lock ends of what is stored or extended now: later than it has to, by a quarter of the time that a backup is kept.
 * In between runs extend no lock, so that a bucket in which nothing changed costs its listing alone.
 */
export function lockEnd({ keepDays }: Lock, now: Date): Date {
  return new Date(now.getTime() + lockedDays(keepDays) * DAY_MS);
}

/** Whether a lock ends before a manifest of now is past its time. */
export function endsTooSoon(until: string, { keepDays }: Lock, now: Date): boolean {
  return new Date(until).getTime() < now.getTime() + keepDays * DAY_MS;
}

/** Has the lock of one version end later; MinIO refuses an earlier end. @returns the new end */
export async function extendLock(
  { s3, signal }: Connection,
  at: { readonly bucket: string; readonly key: string; readonly version: string },
  lock: Lock,
  now: Date,
): Promise<string> {
  const until = lockEnd(lock, now);
  const Retention = { Mode: lock.mode, RetainUntilDate: until };
  await s3.send(new PutObjectRetentionCommand({ Bucket: at.bucket, Key: at.key, VersionId: at.version, Retention }), {
    abortSignal: signal,
  });
  return until.toISOString();
}
