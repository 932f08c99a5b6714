import { describe, expect, test } from "vitest";
import { missingKeys } from "../../cli/purging/consent.ts";
import { bucketRecord } from "../../cli/purging/record.ts";
import { NO_SERVICES, type ResolvedModel } from "../../config/model.ts";
import { aBucket } from "../support/a-bucket.ts";

const ACCESS = { policies: [], groups: [], users: [], serviceAccounts: [] };

function modelWith(onDelete: "retain" | "delete_if_empty" | "purge"): ResolvedModel {
  const buckets = [aBucket({ name: "logs", platform: "p", onDelete })];
  const labels = { version: "v1", description: "d", environment: null, naming: "plain", namingExceptions: [] } as const;
  const services = NO_SERVICES;
  const none = {
    rotation: null,
    database: null,
    databaseBackup: null,
    workloads: [],
    alerting: null,
    services,
    experiments: [],
    features: null,
    backup: null,
    unmanaged: [],
  };
  return {
    schemaVersion: 1,
    stage: "dev",
    connection: null,
    platforms: [{ name: "p", ...labels, buckets, access: ACCESS, ...none }],
  };
}

describe("what is missing to purge a bucket", () => {
  const missing = (onDelete: "retain" | "delete_if_empty" | "purge", allowPurge: readonly string[], bucket = "logs") =>
    missingKeys(bucket, {
      stackName: "dev",
      model: modelWith(onDelete),
      stack: { allowPurge, platformsDir: "config/platforms" },
    });

  test("is nothing with both keys", () => expect(missing("purge", ["other", "logs"])).toEqual([]));

  test.each(["retain", "delete_if_empty"] as const)(
    "is the spec's word under on_delete %s, with the file",
    (onDelete) => {
      const [said, ...more] = missing(onDelete, ["logs"]);
      expect(said).toContain(`(on_delete: ${onDelete}); write on_delete: purge for it in config/platforms/p.yaml`);
      expect(more).toEqual([]);
    },
  );

  test("is the stack's word, with the command that names it beside those that are there", () => {
    expect(missing("purge", ["other"])).toEqual([
      "stack dev doesn't name logs in bucketworks:allowPurge; allow it: pulumi config set-all --stack dev --path --plaintext 'bucketworks:allowPurge[0]=other' --plaintext 'bucketworks:allowPurge[1]=logs'",
    ]);
  });

  test("is both where neither is given, and where no platform declares the bucket", () => {
    expect(missing("retain", [])).toHaveLength(2);
    expect(missing("purge", [], "nowhere")).toHaveLength(2);
  });
});

test("a bucket of the state is known with its server, protection and recorded on_delete; another one isn't", () => {
  const provider = { urn: "urn:p", type: "pulumi:providers:bucketworks", id: "1", inputs: { endpoint: "s3:9000" } };
  const bucket = { urn: "urn:b", type: "bucketworks:index:Bucket", id: "logs", provider: "urn:p::1", protect: true };
  const resources = [provider, { ...bucket, inputs: { declared: { onDelete: "purge" } } }];
  const record = { urn: "urn:b", protect: true, onDelete: "purge", endpoint: "s3:9000" };
  expect(bucketRecord({ resources }, "logs")).toEqual(record);
  expect(bucketRecord({ resources }, "other")).toBeUndefined();
  expect(bucketRecord({}, "logs")).toBeUndefined();
  expect(bucketRecord({ resources: [bucket] }, "logs")).toMatchObject({ onDelete: "retain", endpoint: undefined });
});
