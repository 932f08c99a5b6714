import { randomUUID } from "node:crypto";
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import { absent, hasName } from "../../provider/server/read.ts";
import { BackupFault } from "../fault.ts";
import type { Lock } from "../run/lock.ts";

/** Where backups go on another server, which no spec of this stack makes. */
export interface OtherTarget {
  readonly bucket: string;
  readonly prefix: string;
  readonly keepDays: number;
}

/**
 * Judges a target on another server before anything is sent: what a spec says of one on the same server is asked for here.
 * @throws BackupFault with all that is wrong, and what makes it right
 */
export async function otherTargetLock(server: Connection, target: OtherTarget): Promise<Lock> {
  const { bucket, keepDays } = target;
  const place = `bucket ${bucket} on ${server.url}`;
  const make = `mc mb --with-lock TARGET/${bucket}, then mc retention set --default compliance ${keepDays}d TARGET/${bucket}`;
  if (!(await isThere(server, bucket))) {
    throw new BackupFault(`${place}, where backups go, isn't there; its owner makes it: ${make}`);
  }
  const faults = [...(await lockFaults(server, target)), ...(await expiryFaults(server, target))];
  if (faults.length > 0) {
    throw new BackupFault(
      `${place} can't keep backups: ${faults.join("; ")}; its owner sets mc version enable and mc retention set --default compliance ${keepDays}d, and where it has no object lock, which is made with a bucket, makes another one: ${make}`,
    );
  }
  if (await mayDelete(server, target)) {
    throw new BackupFault(
      `${place}: the key may delete what is stored, so a thief may, too; give it docs/backup-target-policy.json and no other policy`,
    );
  }
  return { mode: "COMPLIANCE", keepDays };
}

/** Not by a request whose answer has no body: a wrong key would be told by its number alone. */
async function isThere({ s3, signal }: Connection, bucket: string): Promise<boolean> {
  try {
    await s3.send(new GetBucketLocationCommand({ Bucket: bucket }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return false;
    throw error;
  }
}

async function lockFaults({ s3, signal }: Connection, { bucket, keepDays }: OtherTarget): Promise<string[]> {
  const options = { abortSignal: signal };
  const [versioning, lock] = await Promise.all([
    s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), options),
    absent(
      "ObjectLockConfigurationNotFoundError",
      s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }), options),
    ),
  ]);
  const off = versioning.Status === "Enabled" ? [] : ["it isn't versioned, so what is written over would be lost"];
  const retention = lock?.ObjectLockConfiguration?.Rule?.DefaultRetention;
  if (retention?.Mode === undefined) return [...off, "it has no default retention, so a backup could be deleted"];
  const days = retention.Days ?? (retention.Years ?? 0) * 365;
  return [
    ...off,
    ...(retention.Mode === "COMPLIANCE"
      ? []
      : ["it locks by governance, which who may extend a lock can shorten; compliance is needed"]),
    ...(days === keepDays ? [] : [`it locks for ${days} days, and keep of the spec is ${keepDays}`]),
  ];
}

/** Rules that hide manifests before their time. */
async function expiryFaults({ s3, signal }: Connection, { bucket, prefix, keepDays }: OtherTarget): Promise<string[]> {
  const found = await absent(
    "NoSuchLifecycleConfiguration",
    s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), { abortSignal: signal }),
  );
  return (found?.Rules ?? []).flatMap(({ ID, Status, Filter, Expiration }) => {
    const own = Filter?.Prefix ?? Filter?.And?.Prefix ?? "";
    const meets = own.startsWith(prefix) || prefix.startsWith(own);
    const { Days: days, Date: on } = Expiration ?? {};
    if (Status !== "Enabled" || !meets) return [];
    const rule = `its lifecycle rule ${ID ?? "without a name"} ends what is stored`;
    if (on !== undefined) return [`${rule} on ${on.toISOString().slice(0, 10)}`];
    return days === undefined || days >= keepDays ? [] : [`${rule} after ${days} days`];
  });
}

/** Tried on a version that never was: where it may, nothing is deleted either. */
async function mayDelete({ s3, signal }: Connection, { bucket, prefix }: OtherTarget): Promise<boolean> {
  const nothing = { Bucket: bucket, Key: `${prefix}objects/${"0".repeat(64)}`, VersionId: randomUUID() };
  try {
    await s3.send(new DeleteObjectCommand(nothing), { abortSignal: signal });
    return true;
  } catch (error) {
    if (hasName(error, "AccessDenied")) return false;
    if (hasName(error, "NoSuchKey") || hasName(error, "NoSuchVersion")) return true;
    throw error;
  }
}
