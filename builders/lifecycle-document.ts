import type { Bucket, LifecycleRule as ModelRule } from "../config/model.ts";
import type { LifecycleRule } from "../provider/bucket-types.ts";

/** Expires current versions: what `retention_days` stands for. */
export const RETENTION_RULE = "retention";

/** Expires noncurrent versions and the delete markers that stay alone: what `noncurrent_days` stands for. */
export const NONCURRENT_RULE = "noncurrent";

/**
 * The whole lifecycle document of a bucket. `AbortIncompleteMultipartUpload` is never written: MinIO drops it
 * without a word, stale uploads are a setting of the server.
 */
export function lifecycleRules(bucket: Bucket): LifecycleRule[] {
  return [...retention(bucket), ...noncurrent(bucket), ...bucket.lifecycle.map(rule)].sort((a, b) =>
    a.ID < b.ID ? -1 : 1,
  );
}

function retention({ retentionDays }: Bucket): LifecycleRule[] {
  if (retentionDays === null) return [];
  return [{ ID: RETENTION_RULE, Status: "Enabled", Filter: {}, Expiration: { Days: retentionDays } }];
}

/** A rule of its own, because S3 takes `ExpiredObjectDeleteMarker` only without `Days`. */
function noncurrent({ noncurrentDays }: Bucket): LifecycleRule[] {
  if (noncurrentDays === null) return [];
  return [
    {
      ID: NONCURRENT_RULE,
      Status: "Enabled",
      Filter: {},
      Expiration: { ExpiredObjectDeleteMarker: true },
      NoncurrentVersionExpiration: { NoncurrentDays: noncurrentDays },
    },
  ];
}

function rule(rule: ModelRule): LifecycleRule {
  const { id, enabled, prefix, tags, expireDays, noncurrentDays, keepVersions, transition } = rule;
  return {
    ID: id,
    Status: enabled ? "Enabled" : "Disabled",
    Filter: {
      ...(prefix !== "" && { Prefix: prefix }),
      ...(Object.keys(tags).length > 0 && { Tags: { ...tags } }),
    },
    ...(expireDays !== null && { Expiration: { Days: expireDays } }),
    ...((noncurrentDays !== null || keepVersions !== null) && {
      NoncurrentVersionExpiration: {
        ...(noncurrentDays !== null && { NoncurrentDays: noncurrentDays }),
        ...(keepVersions !== null && { NewerNoncurrentVersions: keepVersions }),
      },
    }),
    ...(transition !== null && { Transition: { Days: transition.days, StorageClass: transition.tier } }),
  };
}
