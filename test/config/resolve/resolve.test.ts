import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bucket, NO_SERVICES } from "../../../config/model.ts";
import { modelOf } from "../../support/spec.ts";

const one = (lines: string, group = ""): Bucket | undefined =>
  modelOf(`bucket_groups:\n  raw:\n    layer: L0\n${group}    buckets:\n      - name: a-bucket\n${lines}`).platforms[0]
    ?.buckets[0];

describe("defaults", () => {
  test("of a bucket that says nothing but its name", () => {
    expect(modelOf("bucket_groups: {raw: {buckets: [{name: a-bucket}]}}\n")).toEqual({
      schemaVersion: 1,
      stage: "dev",
      connection: null,
      platforms: [
        {
          name: "a",
          version: "",
          description: "",
          environment: null,
          naming: "plain",
          namingExceptions: [],
          rotation: null,
          buckets: [
            {
              name: "a-bucket",
              platform: "a",
              group: "raw",
              layer: null,
              naming: "plain",
              description: "",
              tags: {},
              paths: {},
              versioning: false,
              retentionDays: null,
              noncurrentDays: null,
              notifications: null,
              lifecycle: [],
              encryption: { type: "none" },
              quotaBytes: null,
              objectLock: null,
              replication: [],
              publicRead: [],
              onDelete: "retain",
              adopt: false,
              protect: false,
            },
          ],
          access: { policies: [], groups: [], users: [], serviceAccounts: [] },
          database: null,
          databaseBackup: null,
          workloads: [],
          alerting: null,
          backup: null,
          services: NO_SERVICES,
          experiments: [],
          features: null,
          unmanaged: [],
        },
      ],
    });
  });

  test("noncurrent versions stay 30 days where there is versioning", () => {
    expect(one("        versioning: true\n")?.noncurrentDays).toBe(30);
    expect(one("        versioning: true\n        noncurrent_days: 5\n")?.noncurrentDays).toBe(5);
  });

  test("noncurrent versions may stay for ever, the group's word too", () => {
    expect(one("        versioning: true\n        noncurrent_days: forever\n")?.noncurrentDays).toBeNull();
    const group = "bucket_groups: {raw: {noncurrent_days: forever, buckets: [{name: a-bucket, versioning: true}]}}\n";
    expect(modelOf(group).platforms[0]?.buckets[0]?.noncurrentDays).toBeNull();
  });

  test("a bucket is protected in every stage but dev", () => {
    const text = "bucket_groups: {raw: {buckets: [{name: a-bucket}]}}\n";
    const isProtected = (stage: string) => modelOf(text, stage).platforms[0]?.buckets[0]?.protect;
    expect(["dev", "test", "production"].map(isProtected)).toEqual([false, true, true]);
  });

  test("a connection is TLS unless it stays on the machine or the spec says otherwise", () => {
    const secure = (config: string) => modelOf(`minio_config: {${config}}\n`).connection?.secure;
    expect(secure("endpoint: localhost:9000")).toBe(false);
    expect(secure("endpoint: localhost:9000, secure: true")).toBe(true);
    expect(secure("endpoint: minio:9000, secure: false")).toBe(false);
    const text = "minio_config: {endpoint: minio:9000}\n";
    expect(modelOf(text).connection).toEqual({ endpoint: "minio:9000", secure: true, region: "us-east-1" });
  });
});

test("a bucket's own value wins over its group's, false included", () => {
  const group =
    "    versioning: true\n    encryption: sse-s3\n    quota: 5GiB\n    on_delete: purge\n    retention_days: 90\n";
  expect(one("", group)).toMatchObject({
    versioning: true,
    encryption: { type: "sse-s3" },
    quotaBytes: 5 * 1024 ** 3,
    onDelete: "purge",
    retentionDays: 90,
    layer: "L0",
  });
  const own =
    "        versioning: false\n        encryption: sse-kms:my-key\n        quota: 1048576\n        on_delete: retain\n        retention_days: 3\n        layer: L1\n";
  expect(one(own, group)).toMatchObject({
    versioning: false,
    noncurrentDays: null,
    encryption: { type: "sse-kms", key: "my-key" },
    quotaBytes: 1_048_576,
    onDelete: "retain",
    retentionDays: 3,
    layer: "L1",
  });
});

test("lifecycle rules keep their order and are complete", () => {
  const lines =
    "        lifecycle:\n          - {id: z, prefix: a/, expire_days: 1}\n          - {id: a, tags: {t: '1'}, transition: {days: 0, tier: COLD}}\n";
  expect(one(lines)?.lifecycle).toEqual([
    {
      id: "z",
      enabled: true,
      prefix: "a/",
      tags: {},
      expireDays: 1,
      noncurrentDays: null,
      keepVersions: null,
      transition: null,
    },
    {
      id: "a",
      enabled: true,
      prefix: "",
      tags: { t: "1" },
      expireDays: null,
      noncurrentDays: null,
      keepVersions: null,
      transition: { days: 0, tier: "COLD" },
    },
  ]);
});

test("the order in a file changes nothing in the model", () => {
  const names = ["alpha", "beta", "gamma", "delta"];
  const text = (order: readonly string[]): string => {
    const group = (name: string): string =>
      `  ${name}:\n    buckets:\n      - {name: ${name}-bucket, public_read: [b/, a/], tags: {${[...order].map((key) => `${key}: x`).join(", ")}}}\n`;
    return `bucket_groups:\n${order.map(group).join("")}`;
  };
  const expected = JSON.stringify(modelOf(text(names)));
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
      expect(JSON.stringify(modelOf(text(order)))).toBe(expected);
    }),
  );
});
