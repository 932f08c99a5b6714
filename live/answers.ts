import type { BucketSettings, Encryption, ObjectLock, PolicyDocument } from "../provider/settings.ts";
import { lifecycleOf, tagsOf } from "./lifecycle-answer.ts";
import { child, children, childText, type Element, parseXml, text } from "./xml.ts";

/** What one answer says about a bucket. */
export type Part = Partial<BucketSettings> & {
  /** What the server holds and no model can ask for, by path. */
  readonly beyond?: Readonly<Record<string, unknown>>;
};

/** One question about a bucket and how its answer is read. */
export interface Question {
  readonly setting: keyof BucketSettings;
  /** Sub-resource of the bucket in S3; undefined is the admin API's quota. */
  readonly query: string | undefined;
  /** The code with which the server says that there is no such setting. */
  readonly none: string | undefined;
  /** @returns undefined where the body isn't the document that was asked for */
  readonly read: (body: string) => Part | undefined;
}

export const QUESTIONS: readonly Question[] = [
  { setting: "versioning", query: "versioning", none: undefined, read: xml("VersioningConfiguration", versioning) },
  { setting: "tags", query: "tagging", none: "NoSuchTagSet", read: xml("Tagging", tags) },
  {
    setting: "lifecycle",
    query: "lifecycle",
    none: "NoSuchLifecycleConfiguration",
    read: xml("LifecycleConfiguration", (root) => ({ lifecycle: lifecycleOf(root) })),
  },
  {
    setting: "objectLock",
    query: "object-lock",
    none: "ObjectLockConfigurationNotFoundError",
    read: xml("ObjectLockConfiguration", objectLock),
  },
  {
    setting: "encryption",
    query: "encryption",
    none: "ServerSideEncryptionConfigurationNotFoundError",
    read: xml("ServerSideEncryptionConfiguration", encryption),
  },
  { setting: "policy", query: "policy", none: "NoSuchBucketPolicy", read: policy },
  { setting: "quota", query: undefined, none: "XMinioAdminNoSuchQuotaConfiguration", read: quota },
];

function xml(root: string, read: (root: Element) => Part): Question["read"] {
  return (body) => {
    const element = parseXml(body, root);
    return element === undefined ? undefined : read(element);
  };
}

/** Suspended and never enabled both write no versions. MinIO can also leave folders or prefixes out. */
function versioning(root: Element): Part {
  const prefixes = children(root, "ExcludedPrefixes").map((each) => childText(each, "Prefix") ?? text(each));
  const beyond = {
    ...(prefixes.length > 0 && { "versioning.excludedPrefixes": prefixes }),
    ...(childText(root, "ExcludeFolders") === "true" && { "versioning.excludeFolders": true }),
  };
  return { versioning: childText(root, "Status") === "Enabled", beyond };
}

function tags(root: Element): Part {
  return { tags: tagsOf(children(child(root, "TagSet"), "Tag")) };
}

function objectLock(root: Element): Part {
  if (childText(root, "ObjectLockEnabled") !== "Enabled") return {};
  const retention = child(child(root, "Rule"), "DefaultRetention");
  const [mode, days, years] = ["Mode", "Days", "Years"].map((name) => childText(retention, name));
  const lock: ObjectLock = {
    ...(mode && { mode: mode as "GOVERNANCE" | "COMPLIANCE" }),
    ...(days && { days: Number(days) }),
    ...(years && { years: Number(years) }),
  };
  return { objectLock: lock };
}

/** MinIO answers the name of a KMS key as an ARN. */
function encryption(root: Element): Part {
  const rule = child(child(root, "Rule"), "ApplyServerSideEncryptionByDefault");
  const algorithm = childText(rule, "SSEAlgorithm");
  if (algorithm === undefined) return {};
  const keyId = childText(rule, "KMSMasterKeyID")?.replace(/^arn:aws:kms:/, "");
  return { encryption: { algorithm: algorithm as Encryption["algorithm"], ...(keyId && { keyId }) } };
}

function policy(body: string): Part | undefined {
  const document = json(body);
  return Array.isArray(document?.Statement) ? { policy: document as PolicyDocument } : undefined;
}

/** `size` since 2023, `quota` before; a server that knows both sends both. */
function quota(body: string): Part | undefined {
  const answer = json(body);
  if (answer === undefined) return undefined;
  const bytes = Number(answer.size ?? 0) || Number(answer.quota ?? 0);
  return bytes > 0 ? { quota: bytes } : {};
}

/** A JSON object; undefined for any other text. */
export function json(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
