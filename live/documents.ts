import type { BucketSettings } from "../provider/bucket-types.ts";
import { type Part, READ_SETTING } from "./answers.ts";
import type { LiveNotification } from "./compare-settings.ts";
import type { Asked } from "./faults.ts";
import type { LiveBucket, LiveReplication } from "./live-server.ts";
import { child, children, childText, type Element, names, parseXml } from "./xml.ts";

/** What `LiveBucket` says beyond the settings that a model knows. */
type Extra = Partial<Pick<LiveBucket, "notifications" | "replication">>;

/** One document of a bucket: its name in an export, and the sub-resource of the bucket in S3. */
export interface BucketDocument extends Required<Pick<Asked, "what" | "right">> {
  readonly file: string;
  /** Undefined is the admin API's quota. */
  readonly query: string | undefined;
  /** The code with which the server says that there is no such document. */
  readonly none: string | undefined;
  /** @returns undefined where the body isn't the document that was asked for */
  readonly read: (body: string) => Part | Extra | undefined;
}

/** The one document that every bucket has, if only an empty one. */
const ALWAYS = "notification.xml";

const NO_LOCK = "ObjectLockConfigurationNotFoundError";
const NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError";

/** Of the settings that a model knows. */
export const SETTING_DOCUMENTS: readonly BucketDocument[] = [
  setting("versioning", "s3:GetBucketVersioning", "versioning.xml", "versioning", undefined),
  setting("tags", "s3:GetBucketTagging", "tagging.xml", "tagging", "NoSuchTagSet"),
  setting("lifecycle", "s3:GetLifecycleConfiguration", "lifecycle.xml", "lifecycle", "NoSuchLifecycleConfiguration"),
  setting("objectLock", "s3:GetBucketObjectLockConfiguration", "object-lock.xml", "object-lock", NO_LOCK),
  setting("encryption", "s3:GetEncryptionConfiguration", "bucket-encryption.xml", "encryption", NO_ENCRYPTION),
  setting("policy", "s3:GetBucketPolicy", "policy.json", "policy", "NoSuchBucketPolicy"),
  setting("quota", "admin:GetBucketQuota", "quota.json", undefined, "XMinioAdminNoSuchQuotaConfiguration"),
];

/** A model knows it of some buckets alone. */
export const NOTIFICATIONS: BucketDocument = {
  what: "notifications",
  right: "s3:GetBucketNotification",
  file: ALWAYS,
  query: "notification",
  none: undefined,
  read: notifications,
};

export const REPLICATION_DOCUMENT: BucketDocument = {
  what: "replication",
  right: "s3:GetReplicationConfiguration",
  file: "replication.xml",
  query: "replication",
  none: "ReplicationConfigurationNotFoundError",
  read: replication,
};

export const DOCUMENTS: readonly BucketDocument[] = [...SETTING_DOCUMENTS, NOTIFICATIONS, REPLICATION_DOCUMENT];

function setting(
  what: keyof typeof READ_SETTING,
  right: string,
  file: string,
  query?: string,
  none?: string,
): BucketDocument {
  return { what, right, file, query, none, read: READ_SETTING[what] };
}

/** @returns undefined where a document is missing that must be there, or isn't what its name says */
export function bucketOf(documents: ReadonlyMap<string, string>): LiveBucket | undefined {
  if (!documents.has(ALWAYS)) return undefined;
  const parts: (Part | Extra)[] = [];
  for (const { file, read } of DOCUMENTS) {
    const body = documents.get(file);
    const part = body === undefined ? {} : read(body);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return joined(parts);
}

/** One bucket of what each document said. */
export function joined(parts: readonly (Part | Extra)[]): LiveBucket {
  const none: BucketSettings = { versioning: false, tags: {}, lifecycle: [] };
  const {
    beyond: _last,
    notifications = [],
    replication = [],
    ...settings
  } = Object.assign(none, ...parts) as BucketSettings & Part & Extra;
  const beyond = Object.assign({}, ...parts.map((part) => ("beyond" in part ? part.beyond : {})));
  return { settings, beyond, notifications, replication };
}

const TARGETS: Readonly<Record<string, string>> = {
  QueueConfiguration: "Queue",
  TopicConfiguration: "Topic",
  CloudFunctionConfiguration: "CloudFunction",
};

function notifications(body: string): Extra | undefined {
  const root = parseXml(body, "NotificationConfiguration");
  if (root === undefined) return undefined;
  const found = names(root).flatMap((kind) =>
    children(root, kind).map(
      (each): LiveNotification => ({
        target: childText(each, TARGETS[kind] ?? "Queue") ?? kind,
        events: children(each, "Event").map(String).sort(),
        prefix: filterOf(each, "prefix"),
        suffix: filterOf(each, "suffix"),
      }),
    ),
  );
  return { notifications: found };
}

function filterOf(rule: Element, name: "prefix" | "suffix"): string {
  const rules = children(child(child(rule, "Filter"), "S3Key"), "FilterRule");
  const found = rules.find((each) => childText(each, "Name")?.toLowerCase() === name);
  return childText(found, "Value") ?? "";
}

function replication(body: string): Extra | undefined {
  const root = parseXml(body, "ReplicationConfiguration");
  if (root === undefined) return undefined;
  return { replication: children(root, "Rule").map(replicationRule) };
}

function replicationRule(rule: Element): LiveReplication {
  const isOn = (name: string): boolean => childText(child(rule, name), "Status") === "Enabled";
  const filter = child(rule, "Filter");
  const both = child(filter, "And");
  const tags = [...children(filter, "Tag"), ...children(both, "Tag")];
  const storageClass = childText(child(rule, "Destination"), "StorageClass");
  const changes = childText(child(child(rule, "SourceSelectionCriteria"), "ReplicaModifications"), "Status");
  return {
    rule: childText(rule, "ID") ?? "",
    enabled: childText(rule, "Status") === "Enabled",
    destination: childText(child(rule, "Destination"), "Bucket") ?? "",
    priority: Number(childText(rule, "Priority") ?? 0),
    prefix: childText(filter, "Prefix") || childText(both, "Prefix") || "",
    deleteMarkers: isOn("DeleteMarkerReplication"),
    deleteVersions: isOn("DeleteReplication"),
    existingObjects: isOn("ExistingObjectReplication"),
    beyond: [
      ...tags.map((tag) => `tag ${childText(tag, "Key") ?? ""}=${childText(tag, "Value") ?? ""}`),
      ...(storageClass ? [`storage class ${storageClass}`] : []),
      ...(changes === "Disabled" ? ["without changes of replicas"] : []),
    ],
  };
}
