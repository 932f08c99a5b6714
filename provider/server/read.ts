import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import type { BucketSettings, Encryption, ObjectLock, PolicyDocument } from "../bucket-types.ts";
import { canonicalSettings } from "../canonical.ts";
import { readQuota } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { readVersioning, withExtensions } from "./extensions.ts";
import { readNotifications } from "./notifications.ts";
import { fromServer } from "./sdk-lifecycle.ts";

export interface ReadOptions {
  /** @default false */
  readonly notifications?: boolean;
}

/**
 * Every setting of one bucket, in canonical form.
 * @param options whether its notifications are asked for, which not every deployer may
 * @returns undefined only when MinIO itself says `NoSuchBucket`
 * @throws every other fault: an outage or a refusal is never taken for an absent bucket or setting
 */
export async function readSettings(
  server: Connection,
  bucket: string,
  options: ReadOptions = {},
): Promise<BucketSettings | undefined> {
  try {
    const [versioning, objectLock, encryption, tags, lifecycle, policy, quota, notifications] = await Promise.all([
      readVersioning(server, bucket),
      absent("ObjectLockConfigurationNotFoundError", readObjectLock(server, bucket)),
      absent("ServerSideEncryptionConfigurationNotFoundError", readEncryption(server, bucket)),
      absent("NoSuchTagSet", readTags(server, bucket)),
      absent("NoSuchLifecycleConfiguration", readLifecycle(server, bucket)),
      absent("NoSuchBucketPolicy", readPolicy(server, bucket)),
      readQuota(server, bucket),
      options.notifications ? readNotifications(server, bucket) : undefined,
    ]);
    return canonicalSettings({
      ...versioning,
      tags: tags ?? {},
      lifecycle: lifecycle ?? [],
      ...(objectLock && { objectLock }),
      ...(encryption && { encryption }),
      ...(policy && { policy }),
      ...(quota !== undefined && { quota }),
      ...(notifications !== undefined && { notifications }),
    });
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return undefined;
    throw error;
  }
}

export function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** Undefined where the server answers with this code. */
export async function absent<T>(code: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasName(error, code)) return undefined;
    throw error;
  }
}

async function readObjectLock({ s3, signal }: Connection, Bucket: string): Promise<ObjectLock | undefined> {
  const answer = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }), { abortSignal: signal });
  const configuration = answer.ObjectLockConfiguration;
  if (configuration?.ObjectLockEnabled !== "Enabled") return undefined;
  const { Mode, Days, Years } = configuration.Rule?.DefaultRetention ?? {};
  return { ...(Mode && { mode: Mode }), ...(Days && { days: Days }), ...(Years && { years: Years }) };
}

async function readEncryption({ s3, signal }: Connection, Bucket: string): Promise<Encryption | undefined> {
  const answer = await s3.send(new GetBucketEncryptionCommand({ Bucket }), { abortSignal: signal });
  const rule = answer.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  if (rule?.SSEAlgorithm === undefined) return undefined;
  if (rule.SSEAlgorithm === "AES256") return { algorithm: "AES256" };
  return { algorithm: "aws:kms", ...(rule.KMSMasterKeyID && { keyId: keyName(rule.KMSMasterKeyID) }) };
}

/** MinIO answers key names as ARNs. */
function keyName(id: string): string {
  return id.replace(/^arn:aws:kms:/, "");
}

async function readTags({ s3, signal }: Connection, Bucket: string): Promise<Record<string, string>> {
  const answer = await s3.send(new GetBucketTaggingCommand({ Bucket }), { abortSignal: signal });
  return Object.fromEntries((answer.TagSet ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

async function readLifecycle(server: Connection, Bucket: string): Promise<BucketSettings["lifecycle"]> {
  const command = new GetBucketLifecycleConfigurationCommand({ Bucket });
  const answer = await server.s3.send(command, { abortSignal: server.signal });
  return withExtensions(server, Bucket, (answer.Rules ?? []).map(fromServer));
}

async function readPolicy({ s3, signal }: Connection, Bucket: string): Promise<PolicyDocument | undefined> {
  const answer = await s3.send(new GetBucketPolicyCommand({ Bucket }), { abortSignal: signal });
  return answer.Policy ? (JSON.parse(answer.Policy) as PolicyDocument) : undefined;
}
