import { LiveClient } from "../../../live/client.ts";
import { KMS_KEY } from "../../support/minio.ts";
import { withFile } from "../../support/scanned.ts";
import { rootClient } from "../../support/state.ts";
import { addressOf } from "../../support/verified.ts";
import { type BucketChange, DOCUMENT_CHANGES } from "./bucket-documents.ts";
import type { Change, Direction, Hand } from "./change.ts";

/** What the spec says of the bucket that a change hits, beyond its name. */
const VERSIONED = "versioning: true";
const LOCKED = (mode: string) => `${VERSIONED}, object_lock: {mode: ${mode}, days: 5}`;
const RULE = "lifecycle: [{id: cache, prefix: cache/, tags: {temporary: yes-it-is}, expire_days: 7}]";
const VERSIONS = `${VERSIONED}, lifecycle: [{id: models, prefix: models/, noncurrent_days: 10, keep_versions: 3}]`;

/** One `mc` command on the bucket `$` of a change's own. */
type ByCommand = readonly [what: string, direction: Direction, spec: string, ...command: string[]];

const BY_COMMAND: readonly ByCommand[] = [
  ["versioning suspended", "weaker", VERSIONED, "version suspend $"],
  ["versioning on where it is off", "stronger", "", "version enable $"],
  ["a prefix left out of versioning", "weaker", VERSIONED, "version enable --excluded-prefixes models/ $"],
  ["folders left out of versioning", "weaker", VERSIONED, "version enable --excluded-prefixes x/ --exclude-folders $"],
  ["a tag changed", "weaker", "tags: {owner: data}", "tag set $ owner=nobody"],
  ["a tag added", "added", "tags: {owner: data}", "tag set $ owner=data&more=1"],
  ["a tag removed", "removed", "tags: {owner: data, layer: L0}", "tag set $ owner=data"],
  ["all tags removed", "removed", "tags: {owner: data}", "tag remove $"],
  ["retention shortened", "weaker", "retention_days: 90", "ilm rule edit --id retention --expire-days 5 $"],
  ["retention lengthened", "stronger", "retention_days: 90", "ilm rule edit --id retention --expire-days 500 $"],
  ["retention removed", "removed", "retention_days: 90", "ilm rule rm --id retention $"],
  ["retention disabled", "weaker", "retention_days: 90", "ilm rule edit --id retention --disable $"],
  ["a rule that deletes added", "added", "", "ilm rule add --expire-days 3 --prefix important/ $"],
  [
    "all versions expire too",
    "weaker",
    "retention_days: 90",
    "ilm rule edit --id retention --expire-days 90 --expire-all-object-versions $",
  ],
  ["a rule's prefix changed", "weaker", RULE, "ilm rule edit --id cache --prefix data/ $"],
  ["a rule's object tags changed", "weaker", RULE, "ilm rule edit --id cache --tags other=1 $"],
  ["noncurrent versions go sooner", "weaker", VERSIONS, "ilm rule edit --id models --noncurrent-expire-days 1 $"],
  ["fewer noncurrent versions stay", "weaker", VERSIONS, "ilm rule edit --id models --noncurrent-expire-newer 1 $"],
  ["all lifecycle rules removed", "removed", `retention_days: 90, ${RULE}`, "ilm rule rm --all --force $"],
  ["encryption off", "removed", "encryption: sse-s3", "encrypt clear $"],
  ["encryption on where it is off", "added", "", "encrypt set sse-s3 $"],
  ["a KMS key instead of sse-s3", "stronger", "encryption: sse-s3", `encrypt set sse-kms ${KMS_KEY} $`],
  ["sse-s3 instead of the KMS key", "weaker", `encryption: "sse-kms:${KMS_KEY}"`, "encrypt set sse-s3 $"],
  ["lock shortened", "weaker", LOCKED("governance"), "retention set --default governance 1d $"],
  ["lock lengthened", "stronger", LOCKED("governance"), "retention set --default governance 50d $"],
  ["lock in years", "stronger", LOCKED("governance"), "retention set --default governance 5y $"],
  ["lock by governance, not compliance", "weaker", LOCKED("compliance"), "retention set --default governance 5d $"],
  ["lock by compliance, not governance", "stronger", LOCKED("governance"), "retention set --default compliance 5d $"],
  ["default lock cleared", "removed", LOCKED("governance"), "retention clear --default $"],
  ["quota raised", "weaker", "quota: 1GiB", "quota set $ --size 9GiB"],
  ["quota lowered", "stronger", "quota: 1GiB", "quota set $ --size 1MiB"],
  ["quota removed", "removed", "quota: 1GiB", "quota clear $"],
  ["quota added", "added", "", "quota set $ --size 1GiB"],
  ["a public prefix made private", "stronger", "public_read: [public/]", "anonymous set private $/public/"],
  ["a tag's name in other letters", "weaker", "tags: {owner: data}", "tag set $ Owner=data"],
  ["a rule disabled", "weaker", RULE, "ilm rule edit --id cache --disable $"],
  ["a rule that deletes old versions added", "added", VERSIONED, "ilm rule add --noncurrent-expire-days 1 $"],
  ["a rule that deletes delete markers added", "added", VERSIONED, "ilm rule add --expire-delete-marker $"],
  ["a rule by object tags added", "added", "", "ilm rule add --expire-days 1 --tags a=b $"],
  ["noncurrent versions go later", "stronger", VERSIONS, "ilm rule edit --id models --noncurrent-expire-days 99 $"],
  ["more noncurrent versions stay", "stronger", VERSIONS, "ilm rule edit --id models --noncurrent-expire-newer 9 $"],
  ["versioning on once more", "same", VERSIONED, "version enable $"],
  ["versioning suspended where it is off", "same", "", "version suspend $"],
  ["tags in another order", "same", "tags: {owner: data, layer: L0}", "tag set $ layer=L0&owner=data"],
  ["encryption set once more", "same", "encryption: sse-s3", "encrypt set sse-s3 $"],
  ["the quota in another unit", "same", "quota: 1GiB", "quota set $ --size 1024MiB"],
  ["the same lock once more", "same", LOCKED("governance"), "retention set --default governance 5d $"],
  [
    "retention by a new rule",
    "same",
    "retention_days: 90",
    "ilm rule rm --id retention $",
    "ilm rule add --expire-days 90 $",
  ],
  ["deleted and made again bare", "removed", "tags: {owner: data}, encryption: sse-s3", "rb $", "mb $"],
];

const PUBLIC: readonly ByCommand[] = [
  ["anyone may read", "weaker", "", "anonymous set download $"],
  ["anyone may write", "weaker", "", "anonymous set upload $"],
  ["anyone may read and write", "weaker", "", "anonymous set public $"],
  ["anyone may list a public prefix", "weaker", "public_read: [public/]", "anonymous set download $/public/"],
  ["anyone may read one more prefix", "weaker", "public_read: [public/]", "anonymous set download $/secret/"],
];

function byCommand(prefix: string, subject: Change["subject"]) {
  return ([what, direction, spec, ...commands]: ByCommand, index: number): BucketChange => {
    const name = `${prefix}-${String(index).padStart(2, "0")}`;
    return {
      ...{ what, direction, spec, kind: "changed", subject, name, resources: [name] },
      make: async ({ mc }) => {
        for (const command of commands)
          await mc.run(...command.split(" ").map((word) => word.replace("$", `t/${name}`)));
      },
    };
  };
}

const anyoneFromHere = (bucket: string) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: ["*"] },
      Action: ["s3:GetObject"],
      Resource: [`arn:aws:s3:::${bucket}/*`],
      Condition: { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } },
    },
  ],
});

async function replicate({ mc, server }: Hand): Promise<void> {
  await mc.run("mb", "t/flow-target");
  await mc.run("version", "enable", "t/flow-target");
  const remote = `http://${server.user}:${server.password}@${server.endpoint}/flow-target`;
  await mc.run("replicate", "add", "t/flow-replicated", "--remote-bucket", remote);
}

/** A server needs this webhook for the change about notifications. */
export const WEBHOOK = {
  MINIO_NOTIFY_WEBHOOK_ENABLE_FIDELITY: "on",
  MINIO_NOTIFY_WEBHOOK_ENDPOINT_FIDELITY: "http://127.0.0.1:9",
};

export const BUCKET_CHANGES: readonly BucketChange[] = [
  ...BY_COMMAND.map(byCommand("set", "bucket")),
  ...PUBLIC.map(byCommand("open", "public grant")),
  ...DOCUMENT_CHANGES,
  {
    ...{ what: "anyone in a network may read", direction: "weaker", kind: "changed", subject: "public grant" },
    ...{ name: "open-network", spec: "", resources: ["open-network"] },
    make: ({ mc }) =>
      withFile(anyoneFromHere("open-network"), (file) => mc.run("anonymous", "set-json", file, "t/open-network")),
  },
  {
    ...{ what: "a rule limited to large objects", direction: "stronger", kind: "changed", subject: "bucket" },
    ...{ name: "large-only", spec: "retention_days: 7", resources: ["large-only"] },
    make: async ({ server }) => {
      const rule = {
        ID: "retention",
        Status: "Enabled",
        Filter: { ObjectSizeGreaterThan: 1048576 },
        Expiration: { Days: 7 },
      } as const;
      const LifecycleConfiguration = { Rules: [rule] };
      await rootClient(server).putBucketLifecycleConfiguration({ Bucket: "large-only", LifecycleConfiguration });
    },
  },
  {
    ...{ what: "a quota that holds requests up too", direction: "stronger", kind: "changed", subject: "bucket" },
    ...{ name: "held-up", spec: "quota: 1GiB", resources: ["held-up"] },
    make: async ({ server }) => {
      const client = new LiveClient(addressOf(server));
      const quota = { size: 2 ** 30, quotatype: "hard", rate: 5000, requests: 10 };
      await client.send({
        ...{ method: "PUT", bucketName: "minio", objectName: "admin/v3/set-bucket-quota" },
        ...{ query: { bucket: "held-up" }, payload: JSON.stringify(quota) },
      });
      client.close();
    },
  },
  {
    ...{ what: "an empty bucket deleted", direction: "removed", kind: "missing", subject: "bucket" },
    ...{ name: "was-deleted", spec: "", resources: ["was-deleted"] },
    make: ({ mc }) => mc.run("rb", "t/was-deleted"),
  },
  {
    ...{ what: "objects copied to another server", direction: "added", kind: "unmanaged", subject: "replication" },
    ...{ name: "flow-replicated", spec: VERSIONED, resources: ["flow-replicated"] },
    make: replicate,
  },
  {
    ...{ what: "objects moved to another server", direction: "added", kind: "changed", subject: "bucket" },
    ...{ name: "moved", spec: "", resources: ["moved"] },
    make: (hand) => move("moved", "--transition-days", "1", "--transition-tier")(hand),
  },
  {
    ...{ what: "old versions moved to another server", direction: "added", kind: "changed", subject: "bucket" },
    ...{ name: "moved-versions", spec: VERSIONED, resources: ["moved-versions"] },
    make: (hand) => move("moved-versions", "--noncurrent-transition-days", "1", "--noncurrent-transition-tier")(hand),
  },
  {
    ...{ what: "a webhook told of objects", direction: "added", kind: "unmanaged", subject: "notification" },
    ...{ name: "flow-notified", spec: "", resources: ["flow-notified"] },
    make: ({ mc }) => mc.run("event", "add", "t/flow-notified", "arn:minio:sqs::FIDELITY:webhook", "--event", "put"),
  },
];

/** Moves objects, or their old versions, to a tier on another server. */
const move =
  (bucket: string, ...options: string[]) =>
  async ({ mc, remote }: Hand): Promise<void> => {
    const Tier = bucket.toUpperCase();
    await rootClient(remote).createBucket({ Bucket: bucket });
    const at = ["--endpoint", remote.url, "--access-key", remote.user, "--secret-key", remote.password];
    await mc.run("ilm", "tier", "add", "minio", "t", Tier, ...at, "--bucket", bucket);
    await mc.run("ilm", "rule", "add", ...options, Tier, `t/${bucket}`);
  };

export const UNMANAGED_BUCKETS: readonly Change[] = [
  {
    ...{
      what: "a bucket",
      direction: "unmanaged",
      kind: "unmanaged",
      subject: "bucket",
      name: "strange-bucket",
      resources: [],
    },
    make: ({ mc }) => mc.run("mb", "t/strange-bucket"),
  },
  {
    ...{ what: "a public bucket", direction: "unmanaged", kind: "unmanaged", subject: "public grant" },
    ...{ name: "strange-open", resources: [] },
    make: async ({ mc }) => {
      await mc.run("mb", "t/strange-open");
      await mc.run("anonymous", "set", "public", "t/strange-open");
    },
  },
  {
    ...{ what: "a tier", direction: "unmanaged", kind: "unmanaged", subject: "tier", name: "STRANGE", resources: [] },
    make: async ({ mc, remote }) => {
      await rootClient(remote).createBucket({ Bucket: "strange-tier" });
      const at = ["--endpoint", remote.url, "--access-key", remote.user, "--secret-key", remote.password];
      await mc.run("ilm", "tier", "add", "minio", "t", "STRANGE", ...at, "--bucket", "strange-tier");
    },
  },
];

/** The bucket of each change, as lines of a spec. */
export function bucketLines(): string {
  const lines = BUCKET_CHANGES.map(({ name, spec }) => `      - {name: ${name}${spec === "" ? "" : `, ${spec}`}}\n`);
  return lines.join("");
}
