import type { Grant, Role } from "../config/model.ts";
import { bucketArn, objectArn } from "../config/values/names.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { canonicalPolicy } from "../provider/canonical.ts";

/** What a role permits on objects; a tag is part of what is put, so tagging gives no power of its own. */
interface ObjectRights {
  /** On what an object is now. */
  readonly current: readonly string[];
  /** On former versions too. */
  readonly anyVersion: readonly string[];
  /** Refused whatever else is permitted. */
  readonly never: readonly string[];
}

const READ = ["s3:GetObject", "s3:GetObjectTagging"];
const EVERY_VERSION = [...READ, "s3:GetObjectVersion", "s3:GetObjectVersionTagging"];
const WRITE = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"];
const TAG = ["s3:PutObjectTagging"];
const DELETE = ["s3:DeleteObject"];
/** MinIO asks for `s3:DeleteObject` alone and takes a refusal of this one only; Silo and AWS want it permitted. */
const DELETE_VERSION = ["s3:DeleteObjectVersion"];

/**
 * Former versions are out of reach but for `restore`, which reads them: deleting one is the deployer's (ADR 10).
 * MinIO has no action for a version: a request that names one is told apart by its condition.
 */
const OBJECT_RIGHTS: Readonly<Record<Role, ObjectRights>> = {
  list: { current: [], anyVersion: [], never: [] },
  read: { current: READ, anyVersion: [], never: [] },
  write: { current: TAG, anyVersion: WRITE, never: [] },
  delete: { current: [], anyVersion: DELETE, never: DELETE_VERSION },
  read_write: { current: [...READ, ...TAG], anyVersion: [...WRITE, ...DELETE], never: DELETE_VERSION },
  restore: {
    current: [],
    anyVersion: EVERY_VERSION,
    never: [],
  },
  inspect: { current: [], anyVersion: [], never: [] },
  back_up: { current: [], anyVersion: [...EVERY_VERSION, "s3:GetObjectLegalHold", "s3:GetObjectRetention"], never: [] },
  keep: {
    current: TAG,
    anyVersion: [...EVERY_VERSION, ...WRITE, "s3:GetObjectRetention", "s3:PutObjectRetention"],
    never: [...DELETE, ...DELETE_VERSION, "s3:BypassGovernanceRetention"],
  },
  drill: { current: TAG, anyVersion: [...EVERY_VERSION, ...WRITE, ...DELETE, ...DELETE_VERSION], never: [] },
};

/** True of a request that names no version: MinIO gives it the empty text, which `*` would match. */
const NAMES_NO_VERSION = { StringNotLike: { "s3:versionid": ["?*"] } };

/**
 * What every identity of MinIO may do to itself unless a policy of its own refuses: make service accounts, which
 * outlive a new secret, end them, and set its own secret. These are the deployer's. A published server doesn't ask
 * about ending (docs/servers.md).
 */
const OWN_ADMINISTRATION = [
  "admin:CreateServiceAccount",
  "admin:CreateUser",
  "admin:RemoveServiceAccount",
  "admin:UpdateServiceAccount",
];

/** Everything a spec says of a bucket but its quota. */
const SETTINGS = [
  "s3:GetBucketObjectLockConfiguration",
  "s3:GetBucketPolicy",
  "s3:GetBucketTagging",
  "s3:GetBucketVersioning",
  "s3:GetEncryptionConfiguration",
  "s3:GetLifecycleConfiguration",
];
/** By which a backup sees that nothing it stores can be lost. */
const SETTINGS_OF_A_TARGET = [
  "s3:GetBucketObjectLockConfiguration",
  "s3:GetBucketVersioning",
  "s3:GetLifecycleConfiguration",
];
/** Of scratch buckets: made, tagged as such, removed; nobody is let in, and no rule is set. */
const SCRATCH = [
  "s3:CreateBucket",
  "s3:DeleteBucket",
  "s3:GetBucketTagging",
  "s3:PutBucketTagging",
  "s3:PutBucketVersioning",
];
/** MinIO answers quotas and tiers by its admin API alone, and for all buckets: these two read. */
const SETTINGS_OF_THE_SERVER = ["admin:GetBucketQuota", "admin:ListTier"];

type Statement = Record<string, unknown>;

const LISTING: ReadonlySet<Role> = new Set<Role>(["list", "read", "read_write", "restore", "back_up", "keep", "drill"]);
const VERSIONS: ReadonlySet<Role> = new Set<Role>(["restore", "back_up", "keep", "drill"]);
const WRITING: ReadonlySet<Role> = new Set<Role>(["write", "read_write", "keep", "drill"]);

/**
 * The least-privilege IAM document of some grants, in the form in which MinIO sends it back: the order of grants, and
 * grants that repeat one another, make no difference.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function accessPolicy(grants: readonly Grant[]): PolicyDocument {
  return canonicalPolicy({
    Version: "2012-10-17",
    Statement: [
      ...onBuckets(grants),
      ...prefixListings(grants),
      ...(grants.some(({ role }) => role === "inspect") ? [{ Action: SETTINGS_OF_THE_SERVER, Effect: "Allow" }] : []),
      ...objects(grants),
      { Action: OWN_ADMINISTRATION, Effect: "Deny" },
    ],
  });
}

/** What is permitted on buckets as wholes: each is named once, beside those with the same rights. */
function onBuckets(grants: readonly Grant[]): Statement[] {
  const rights = new Map<string, Set<string>>();
  for (const grant of grants) {
    rights.set(grant.bucket, new Set([...(rights.get(grant.bucket) ?? []), ...bucketRights(grant)]));
  }
  const together = new Map<string, string[]>();
  for (const [bucket, actions] of rights) {
    const key = [...actions].sort().join();
    together.set(key, [...(together.get(key) ?? []), bucketArn(bucket)]);
  }
  return [...together].map(([key, Resource]) => ({ Action: key.split(","), Effect: "Allow", Resource }));
}

function bucketRights({ role, prefixes }: Grant): string[] {
  const whole = prefixes.length === 0;
  return [
    // Clients ask where a bucket is, and whether it is there, before anything else.
    "s3:GetBucketLocation",
    "s3:HeadBucket",
    ...(role === "inspect" ? SETTINGS : []),
    ...(role === "keep" ? SETTINGS_OF_A_TARGET : []),
    ...(role === "drill" ? SCRATCH : []),
    ...(whole ? listingRights(role) : []),
    // Uploads begun and not ended. MinIO takes no prefix for a condition here: who is limited to some can't list any.
    ...(whole && WRITING.has(role) ? ["s3:ListBucketMultipartUploads"] : []),
  ];
}

function listingRights(role: Role): string[] {
  return [...(LISTING.has(role) ? ["s3:ListBucket"] : []), ...(VERSIONS.has(role) ? ["s3:ListBucketVersions"] : [])];
}

/** Listings limited to prefixes; an action that is permitted on the whole bucket needs none. */
function prefixListings(grants: readonly Grant[]): Statement[] {
  const whole = new Map<string, Set<string>>();
  for (const { role, bucket, prefixes } of grants) {
    if (prefixes.length === 0) whole.set(bucket, new Set([...(whole.get(bucket) ?? []), ...listingRights(role)]));
  }
  const limited = new Map<string, { bucket: string; action: string; prefixes: Set<string> }>();
  for (const { role, bucket, prefixes } of grants) {
    if (prefixes.length === 0) continue;
    for (const action of listingRights(role).filter((each) => !whole.get(bucket)?.has(each))) {
      const key = `${bucket} ${action}`;
      const before = limited.get(key)?.prefixes ?? [];
      limited.set(key, { bucket, action, prefixes: new Set([...before, ...prefixes]) });
    }
  }
  const together = new Map<string, { bucket: string; actions: string[]; patterns: string[] }>();
  for (const { bucket, action, prefixes } of limited.values()) {
    const patterns = [...prefixes].sort().map((prefix) => `${prefix}*`);
    const key = JSON.stringify([bucket, patterns]);
    together.set(key, { bucket, patterns, actions: [...(together.get(key)?.actions ?? []), action] });
  }
  return [...together.values()].map(({ bucket, actions, patterns }) => ({
    Action: actions,
    Effect: "Allow",
    Resource: [bucketArn(bucket)],
    Condition: { StringLike: { "s3:prefix": patterns } },
  }));
}

function objects(grants: readonly Grant[]): Statement[] {
  return [
    ...together(grants, ({ current }) => current, { Effect: "Allow", Condition: NAMES_NO_VERSION }),
    ...together(grants, ({ anyVersion }) => anyVersion, { Effect: "Allow" }),
    ...together(grants, ({ never }) => never, { Effect: "Deny" }),
    ...lockLimits(grants),
  ];
}

/**
 * A lock of mode compliance can't be shortened by anybody: who steals a key that may extend locks would have a bucket kept for
 * decades. MinIO knows the length where a lock is set on what is there, not where one comes with an object that is put.
 */
function lockLimits(grants: readonly Grant[]): Statement[] {
  const limits = new Set(grants.flatMap(({ lockDays }) => (lockDays === undefined ? [] : [lockDays])));
  return [...limits].flatMap((limit) =>
    together(
      grants.filter(({ lockDays }) => lockDays === limit),
      () => ["s3:PutObjectRetention"],
      {
        Effect: "Deny",
        Condition: { NumericGreaterThan: { "s3:object-lock-remaining-retention-days": [String(limit)] } },
      },
    ),
  );
}

/** One statement for all resources with the same actions. */
function together(
  grants: readonly Grant[],
  actionsOf: (rights: ObjectRights) => readonly string[],
  statement: Statement,
): Statement[] {
  const actions = new Map<string, Set<string>>();
  for (const { role, bucket, prefixes } of grants) {
    for (const prefix of prefixes.length > 0 ? prefixes : [""]) {
      const resource = objectArn(bucket, `${prefix}*`);
      actions.set(resource, new Set([...(actions.get(resource) ?? []), ...actionsOf(OBJECT_RIGHTS[role])]));
    }
  }
  const resources = new Map<string, string[]>();
  for (const [resource, of] of actions) {
    const key = [...of].sort().join();
    if (key !== "") resources.set(key, [...(resources.get(key) ?? []), resource]);
  }
  return [...resources].map(([key, Resource]) => ({ ...statement, Action: key.split(","), Resource }));
}
