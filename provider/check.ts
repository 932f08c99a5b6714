import { z } from "zod";
import { isTarget } from "../config/values/notifications.ts";
import type { BucketInputs } from "./bucket-types.ts";
import { canonicalInputs } from "./canonical.ts";
import { type Checked, type Failure, knownInputs } from "./known-inputs.ts";
import type { Properties } from "./property-bags.ts";

const days = z.number().int().positive();

const Filter = z.strictObject({
  Prefix: z.string().optional(),
  Tags: z.record(z.string(), z.string()).optional(),
  ObjectSizeGreaterThan: z.number().int().nonnegative().optional(),
  ObjectSizeLessThan: z.number().int().positive().optional(),
});

const Rule = z.strictObject({
  ID: z.string().min(1).max(255),
  Status: z.enum(["Enabled", "Disabled"]),
  Filter: Filter.default({}),
  Expiration: z
    .strictObject({
      Days: days.optional(),
      Date: z.string().optional(),
      ExpiredObjectDeleteMarker: z.boolean().optional(),
    })
    .optional(),
  NoncurrentVersionExpiration: z
    .strictObject({ NoncurrentDays: days.optional(), NewerNoncurrentVersions: days.optional() })
    .optional(),
  Transition: z
    .strictObject({
      Days: z.number().int().nonnegative().optional(),
      Date: z.string().optional(),
      StorageClass: z.string(),
    })
    .optional(),
  NoncurrentVersionTransition: z
    .strictObject({ NoncurrentDays: z.number().int().nonnegative(), StorageClass: z.string() })
    .optional(),
});

const Inputs = z.strictObject({
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be a bucket name: 3 to 63 of a-z 0-9 . -"),
  adopt: z.boolean().optional(),
  versioning: z.boolean().default(false),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
  lifecycle: z.array(Rule).default([]),
  objectLock: z
    .strictObject({
      mode: z.enum(["GOVERNANCE", "COMPLIANCE"]).optional(),
      days: days.optional(),
      years: days.optional(),
    })
    .refine((lock) => (lock.mode === undefined) === (lock.days === undefined && lock.years === undefined), {
      error: "needs mode together with days or years; without any of them the bucket has no default retention",
    })
    .refine((lock) => lock.days === undefined || lock.years === undefined, { error: "takes days or years, not both" })
    .optional(),
  encryption: z
    .strictObject({ algorithm: z.enum(["AES256", "aws:kms"]), keyId: z.string().min(1).optional() })
    .refine((encryption) => (encryption.algorithm === "aws:kms") === (encryption.keyId !== undefined), {
      error: "needs keyId with aws:kms, and only there",
    })
    .optional(),
  policy: z.looseObject({ Version: z.string(), Statement: z.array(z.record(z.string(), z.unknown())) }).optional(),
  quota: z.number().int().positive().optional(),
  notifications: z
    .array(
      z.strictObject({
        target: z.string().refine(isTarget, "must be NAME:KIND of a target of the server, as lake:webhook"),
        events: z.array(z.string().regex(/^s3:\w+:(?:\w+|\*)$/, "must be S3's name of an event")).min(1),
        prefix: z.string().min(1).optional(),
        suffix: z.string().min(1).optional(),
      }),
    )
    .optional(),
  declared: z
    .strictObject({
      stage: z.string(),
      platform: z.string(),
      layer: z.string().optional(),
      naming: z.literal("layered").optional(),
      retentionDays: days.optional(),
      onDelete: z.enum(["retain", "delete_if_empty", "purge"]),
      tiers: z.array(z.string()).optional(),
    })
    .optional(),
});

/**
 * Judges the inputs of one bucket without asking the server; answers them in canonical form.
 * @param olds inputs of the last update; empty for a resource that doesn't exist yet
 */
export function check(news: Properties, olds: Properties): Checked {
  const parsed = knownInputs(Inputs, news);
  if ("failures" in parsed) return { inputs: news.values, failures: parsed.failures };
  const inputs = { ...canonicalInputs(parsed.data as BucketInputs), ...parsed.unknown };
  return {
    inputs,
    failures: contradictions(inputs as Partial<BucketInputs>, olds.values as Partial<BucketInputs>),
  };
}

function contradictions(news: Partial<BucketInputs>, olds: Partial<BucketInputs>): Failure[] {
  const failures: Failure[] = [];
  if (news.objectLock && news.versioning === false) {
    failures.push({ property: "versioning", reason: "must be true: object lock works on versions" });
  }
  if (olds.bucket === undefined) return failures;
  if (news.bucket !== olds.bucket) {
    const reason = `can't be renamed from ${olds.bucket} to ${news.bucket}: S3 has no rename; declare a new bucket, copy the objects, then remove the old one`;
    failures.push({ property: "bucket", reason });
  }
  if (news.objectLock && !olds.objectLock) {
    const reason =
      "can't be added to an existing bucket: object lock must be set when a bucket is created; declare a new bucket with it and copy the objects";
    failures.push({ property: "objectLock", reason });
  }
  if (olds.objectLock && !news.objectLock) {
    const reason = "can't be taken off a bucket; leave out mode and days to end the default retention alone";
    failures.push({ property: "objectLock", reason });
  }
  return failures;
}
