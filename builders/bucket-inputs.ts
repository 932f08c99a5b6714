import type { Bucket, Encryption, Notification } from "../config/model.ts";
import type {
  BucketInputs,
  Encryption as EncryptionInput,
  Notification as NotificationInput,
} from "../provider/bucket-types.ts";
import { canonicalInputs } from "../provider/canonical.ts";
import { lifecycleRules } from "./lifecycle-document.ts";
import { publicReadPolicy } from "./public-read.ts";

/**
 * One bucket of the model as the inputs of `bucketworks:index:Bucket`, in the provider's canonical form.
 * @param tiers names of those that the stack makes
 */
export function bucketInputs(bucket: Bucket, stage: string, tiers: readonly string[] = []): BucketInputs {
  const { objectLock, layer, naming, retentionDays } = bucket;
  const encryption = encryptionInput(bucket.encryption);
  const policy = publicReadPolicy(bucket.name, bucket.publicRead);
  const named = tiers.filter((name) => bucket.lifecycle.some(({ transition }) => transition?.tier === name));
  return canonicalInputs({
    bucket: bucket.name,
    ...(bucket.adopt && { adopt: true }),
    versioning: bucket.versioning,
    tags: { ...bucket.tags },
    lifecycle: lifecycleRules(bucket),
    ...(objectLock && {
      objectLock: { mode: objectLock.mode === "governance" ? "GOVERNANCE" : "COMPLIANCE", days: objectLock.days },
    }),
    ...(encryption && { encryption }),
    ...(policy && { policy }),
    ...(bucket.quotaBytes !== null && { quota: bucket.quotaBytes }),
    ...(bucket.notifications !== null && { notifications: bucket.notifications.map(notificationInput) }),
    declared: {
      ...(named.length > 0 && { tiers: named }),
      stage,
      platform: bucket.platform,
      ...(layer !== null && { layer }),
      ...(naming === "layered" && { naming }),
      ...(retentionDays !== null && { retentionDays }),
      onDelete: bucket.onDelete,
    },
  });
}

function notificationInput({ target, events, prefix, suffix }: Notification): NotificationInput {
  return { target, events: [...events], ...(prefix !== "" && { prefix }), ...(suffix !== "" && { suffix }) };
}

function encryptionInput(encryption: Encryption): EncryptionInput | undefined {
  switch (encryption.type) {
    case "none":
      return undefined;
    case "sse-s3":
      return { algorithm: "AES256" };
    case "sse-kms":
      return { algorithm: "aws:kms", keyId: encryption.key };
  }
}
