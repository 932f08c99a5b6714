import type { Grant, Role } from "../config/model.ts";
import { bucketArn, objectArn } from "../config/names.ts";
import { canonicalPolicy } from "../provider/canonical.ts";
import type { PolicyDocument } from "../provider/settings.ts";

/**
 * What a role permits on objects. Nothing here reaches a former version: reading or deleting those is root's.
 * A tag is part of what is put, and whoever may put may overwrite, so tagging gives no power of its own.
 */
const OBJECT_ACTIONS: Readonly<Record<Role, readonly string[]>> = {
  list: [],
  read: ["s3:GetObject", "s3:GetObjectTagging"],
  write: ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"],
  delete: ["s3:DeleteObject"],
  get read_write() {
    return [...this.read, ...this.write, ...this.delete];
  },
  inspect: [],
};

/** Everything a spec says of a bucket but its quota. */
const SETTINGS = [
  "s3:GetBucketObjectLockConfiguration",
  "s3:GetBucketPolicy",
  "s3:GetBucketTagging",
  "s3:GetBucketVersioning",
  "s3:GetEncryptionConfiguration",
  "s3:GetLifecycleConfiguration",
];
/** MinIO answers quotas and tiers by its admin API alone, and for all buckets: these two read. */
const SETTINGS_OF_THE_SERVER = ["admin:GetBucketQuota", "admin:ListTier"];

type Statement = Record<string, unknown>;

const LISTING: ReadonlySet<Role> = new Set<Role>(["list", "read", "read_write"]);

/**
 * The least-privilege IAM document of some grants, in the form in which MinIO sends it back: the order of grants, and
 * grants that repeat one another, make no difference.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function accessPolicy(grants: readonly Grant[]): PolicyDocument {
  return canonicalPolicy({
    Version: "2012-10-17",
    Statement: [...locations(grants), ...settings(grants), ...listings(grants), ...objects(grants)],
  });
}

/** SDKs ask where a bucket is before anything else. */
function locations(grants: readonly Grant[]): Statement[] {
  return [
    { Action: ["s3:GetBucketLocation"], Effect: "Allow", Resource: grants.map(({ bucket }) => bucketArn(bucket)) },
  ];
}

function settings(grants: readonly Grant[]): Statement[] {
  const inspected = grants.filter(({ role }) => role === "inspect").map(({ bucket }) => bucketArn(bucket));
  if (inspected.length === 0) return [];
  return [
    { Action: SETTINGS, Effect: "Allow", Resource: inspected },
    { Action: SETTINGS_OF_THE_SERVER, Effect: "Allow" },
  ];
}

function listings(grants: readonly Grant[]): Statement[] {
  const listed = grants.filter(({ role }) => LISTING.has(role));
  const whole = new Set(listed.filter(({ prefixes }) => prefixes.length === 0).map(({ bucket }) => bucket));
  const limited = new Map<string, Set<string>>();
  for (const { bucket, prefixes } of listed) {
    if (whole.has(bucket)) continue;
    limited.set(bucket, new Set([...(limited.get(bucket) ?? []), ...prefixes]));
  }
  const statement = { Action: ["s3:ListBucket"], Effect: "Allow" };
  return [
    ...(whole.size > 0 ? [{ ...statement, Resource: [...whole].map(bucketArn) }] : []),
    ...[...limited].map(([bucket, prefixes]) => ({
      ...statement,
      Resource: [bucketArn(bucket)],
      Condition: { StringLike: { "s3:prefix": [...prefixes].map((prefix) => `${prefix}*`) } },
    })),
  ];
}

/** One statement for all resources with the same actions. */
function objects(grants: readonly Grant[]): Statement[] {
  const actions = new Map<string, Set<string>>();
  for (const { role, bucket, prefixes } of grants) {
    for (const prefix of prefixes.length > 0 ? prefixes : [""]) {
      const resource = objectArn(bucket, `${prefix}*`);
      actions.set(resource, new Set([...(actions.get(resource) ?? []), ...OBJECT_ACTIONS[role]]));
    }
  }
  const resources = new Map<string, string[]>();
  for (const [resource, permitted] of actions) {
    const key = [...permitted].sort().join();
    if (key !== "") resources.set(key, [...(resources.get(key) ?? []), resource]);
  }
  return [...resources].map(([key, Resource]) => ({ Action: key.split(","), Effect: "Allow", Resource }));
}
