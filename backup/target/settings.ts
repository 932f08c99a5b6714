import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import { absent } from "../../provider/server/read.ts";
import { BackupFault } from "../fault.ts";
import type { Lock } from "../run/lock.ts";

/**
 * How the live target locks what is stored in it: one that can't keep it is found before anything is written.
 * @throws BackupFault where the target isn't versioned and locked as its spec says
 */
export async function targetLock({ s3, signal }: Connection, bucket: string, keepDays: number): Promise<Lock> {
  const options = { abortSignal: signal };
  const [versioning, lock] = await Promise.all([
    s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), options),
    absent(
      "ObjectLockConfigurationNotFoundError",
      s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }), options),
    ),
  ]);
  if (versioning.Status !== "Enabled") {
    throw new BackupFault(
      `bucket ${bucket} isn't versioned on the server, so a backup in it could be lost; run pulumi up`,
    );
  }
  const retention = lock?.ObjectLockConfiguration?.Rule?.DefaultRetention;
  if (retention?.Mode === undefined) {
    throw new BackupFault(
      `bucket ${bucket} has no default retention on the server, so a backup in it could be deleted; it needs object_lock in its spec, which is made with the bucket`,
    );
  }
  const days = retention.Days ?? (retention.Years ?? 0) * 365;
  if (days > keepDays) {
    throw new BackupFault(
      `bucket ${bucket} locks what is stored for ${days} days on the server, longer than keep, ${keepDays} days; run pulumi up`,
    );
  }
  return { mode: retention.Mode, keepDays };
}
