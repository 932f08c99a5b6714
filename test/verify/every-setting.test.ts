import { afterAll, beforeAll, expect, test } from "vitest";
import { type VerifyReport, verifyStage } from "../../verify/buckets.ts";
import { Mc } from "../support/mc.ts";
import { KMS_KEY, TestServer } from "../support/minio.ts";
import { addressOf, make, SpecFile } from "../support/verified.ts";

const SPEC = `
bucket_groups:
  all:
    buckets:
      - {name: plain-bucket}
      - {name: odd-tags, tags: {number: "007", word: "true", odd: "+1 a=b/c:d@e ", empty: "", "a key": "1e5"}}
      - {name: one-tag, tags: {only: one}}
      - {name: locked-bucket, versioning: true, object_lock: {mode: compliance, days: 3}}
      - {name: kms-bucket, encryption: "sse-kms:${KMS_KEY}"}
      - {name: sse-bucket, encryption: sse-s3}
      - {name: public-bucket, public_read: [public/, shared/]}
      - {name: quota-bucket, quota: 123456789}
      - {name: one-rule, retention_days: 1}
      - name: rules-bucket
        versioning: true
        retention_days: 400
        noncurrent_days: 20
        lifecycle:
          - {id: prefix-only, prefix: cache/, expire_days: 7}
          - {id: one-tag, tags: {temporary: "true"}, expire_days: 1}
          - {id: two-tags, tags: {b: "2", a: "1"}, expire_days: 2}
          - {id: prefix-and-tags, prefix: x/, tags: {k: "v=w"}, expire_days: 3}
          - {id: newer-kept, prefix: models/, noncurrent_days: 10, keep_versions: 3}
`;

let server: TestServer;
let mc: Mc;
let spec: SpecFile;

beforeAll(async () => {
  server = await TestServer.start();
  mc = new Mc(server);
  spec = new SpecFile(SPEC);
  await make(spec.model(), server);
});

afterAll(async () => {
  await server.stop();
  mc.remove();
  spec.remove();
});

function verified(): Promise<VerifyReport> {
  return verifyStage(spec.model(), addressOf(server));
}

test("what the provider made of every setting reads back as the model says", async () => {
  const { findings, notRead } = await verified();
  expect({ findings, notRead }).toEqual({ findings: [], notRead: [] });
});

type Change = readonly [
  what: string,
  bucket: string,
  command: (bucket: string) => string[],
  path: string,
  actual: unknown,
];

const CHANGES: readonly Change[] = [
  ["tags taken away", "one-tag", (b) => ["tag", "remove", b], "tags.only", null],
  ["the quota taken away", "quota-bucket", (b) => ["quota", "clear", b], "quota", null],
  ["versioning on", "plain-bucket", (b) => ["version", "enable", b], "versioning", true],
  [
    "another default retention",
    "locked-bucket",
    (b) => ["retention", "set", "--default", "COMPLIANCE", "9d", b],
    "objectLock.days",
    9,
  ],
  [
    "default retention in years",
    "locked-bucket",
    (b) => ["retention", "set", "--default", "COMPLIANCE", "1y", b],
    "objectLock.days",
    365,
  ],
  ["no default retention", "locked-bucket", (b) => ["retention", "clear", "--default", b], "objectLock.mode", null],
  [
    "sse-s3 instead of the key",
    "kms-bucket",
    (b) => ["encrypt", "set", "sse-s3", b],
    "encryption",
    { algorithm: "AES256" },
  ],
  [
    "the key instead of sse-s3",
    "sse-bucket",
    (b) => ["encrypt", "set", "sse-kms", KMS_KEY, b],
    "encryption",
    { algorithm: "aws:kms", keyId: KMS_KEY },
  ],
  [
    "one more public prefix",
    "public-bucket",
    (b) => ["anonymous", "set", "download", `${b}/more/`],
    "policy",
    { Version: "2012-10-17", Statement: expect.arrayContaining([expect.anything()]) },
  ],
  [
    "a rule taken away",
    "rules-bucket",
    (b) => ["ilm", "rule", "rm", "--id", "two-tags", b],
    "lifecycle.two-tags",
    null,
  ],
  [
    "a rule that expires all versions, which the deploying client can't see",
    "one-rule",
    (b) => ["ilm", "rule", "edit", "--id", "retention", "--expire-days", "1", "--expire-all-object-versions", b],
    "lifecycle.retention.Expiration.ExpiredObjectAllVersions",
    true,
  ],
  [
    "prefixes left out of versioning, which the deploying client can't see",
    "rules-bucket",
    (b) => ["version", "enable", "--excluded-prefixes", "models/,tmp/", b],
    "versioning.excludedPrefixes",
    ["models/", "tmp/"],
  ],
];

test.each(CHANGES)("%s is shown", async (_, bucket, command, path, actual) => {
  await mc.run(...command(`t/${bucket}`));
  const own = (await verified()).findings.filter((finding) => finding.bucket === bucket);
  expect(own).toContainEqual(expect.objectContaining({ path, actual }));
});
