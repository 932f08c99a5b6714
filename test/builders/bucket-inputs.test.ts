import { describe, expect, test } from "vitest";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { Bucket } from "../../config/model.ts";
import { canonicalInputs } from "../../provider/canonical.ts";
import { aBucket } from "../support/a-bucket.ts";

const inputs = (change: Partial<Bucket> = {}) => bucketInputs(aBucket(change), "dev");

test("a bucket with nothing special has no setting but those that can't be absent", () => {
  expect(inputs()).toEqual({
    bucket: "a-bucket",
    versioning: false,
    tags: {},
    lifecycle: [],
    declared: { stage: "dev", platform: "p", onDelete: "retain" },
  });
});

test("what policy rules need is declared, and only there", () => {
  const { declared, ...rest } = inputs({ layer: "L0", retentionDays: 90, onDelete: "purge" });
  expect(declared).toEqual({ stage: "dev", platform: "p", layer: "L0", retentionDays: 90, onDelete: "purge" });
  expect(JSON.stringify(rest)).not.toContain("L0");
});

describe("lifecycle", () => {
  test("retention expires current versions of the whole bucket", () => {
    expect(inputs({ retentionDays: 90 }).lifecycle).toEqual([
      { ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 90 } },
    ]);
  });

  test("noncurrent days expire old versions and lone delete markers, in a rule without Days", () => {
    expect(inputs({ versioning: true, noncurrentDays: 30 }).lifecycle).toEqual([
      {
        ID: "noncurrent",
        Status: "Enabled",
        Filter: {},
        Expiration: { ExpiredObjectDeleteMarker: true },
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      },
    ]);
  });

  test("rules of the spec keep their filters and come sorted by id", () => {
    const none = {
      enabled: true,
      tags: {},
      expireDays: null,
      noncurrentDays: null,
      keepVersions: null,
      transition: null,
    };
    const lifecycle = [
      { ...none, id: "z", prefix: "_cache/", expireDays: 7 },
      { ...none, id: "m", prefix: "models/", noncurrentDays: 10, keepVersions: 3 },
      { ...none, id: "a", prefix: "", tags: { temporary: "true" }, expireDays: 1 },
      { ...none, id: "k", prefix: "archived/", transition: { days: 90, tier: "GLACIER" } },
    ];
    expect(inputs({ lifecycle }).lifecycle).toEqual([
      { ID: "a", Status: "Enabled", Filter: { Tags: { temporary: "true" } }, Expiration: { Days: 1 } },
      {
        ID: "k",
        Status: "Enabled",
        Filter: { Prefix: "archived/" },
        Transition: { Days: 90, StorageClass: "GLACIER" },
      },
      {
        ID: "m",
        Status: "Enabled",
        Filter: { Prefix: "models/" },
        NoncurrentVersionExpiration: { NoncurrentDays: 10, NewerNoncurrentVersions: 3 },
      },
      { ID: "z", Status: "Enabled", Filter: { Prefix: "_cache/" }, Expiration: { Days: 7 } },
    ]);
  });
});

test("public prefixes may be read by anyone, not listed, and nothing else is public", () => {
  expect(inputs({ publicRead: ["a/", "b/"] }).policy).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "PublicRead",
        Effect: "Allow",
        Principal: { AWS: ["*"] },
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::a-bucket/a/*", "arn:aws:s3:::a-bucket/b/*"],
      },
    ],
  });
});

test.each<[Bucket["encryption"], unknown]>([
  [{ type: "none" }, undefined],
  [{ type: "sse-s3" }, { algorithm: "AES256" }],
  [
    { type: "sse-kms", key: "k" },
    { algorithm: "aws:kms", keyId: "k" },
  ],
])("encryption %j becomes %j", (encryption, wanted) => expect(inputs({ encryption }).encryption).toEqual(wanted));

test("object lock, quota and adoption are handed on", () => {
  const { objectLock, quota, adopt } = inputs({
    versioning: true,
    objectLock: { mode: "governance", days: 30 },
    quotaBytes: 5,
    adopt: true,
  });
  expect({ objectLock, quota, adopt }).toEqual({ objectLock: { mode: "GOVERNANCE", days: 30 }, quota: 5, adopt: true });
});

test("inputs are canonical already, so that the provider's check changes nothing", () => {
  const built = inputs({ tags: { b: "1", a: "2" }, publicRead: ["x/"], retentionDays: 3 });
  expect(JSON.stringify(canonicalInputs(built))).toBe(JSON.stringify(built));
});
