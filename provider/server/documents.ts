import type { BucketSettings, Encryption, ObjectLock, PolicyDocument } from "../bucket-types.ts";
import { ruleOf, tagsOf } from "./lifecycle-answer.ts";
import { XmlElement } from "./xml.ts";

/** One document of a bucket. */
export interface BucketDocument {
  /** Its sub-resource in S3; undefined is the admin API's quota. */
  readonly query: string | undefined;
  /** Its name in an export of the bucket. */
  readonly file: string;
  /** The code with which the server says that there is none. */
  readonly none: string | undefined;
  /** @returns undefined where the body isn't the document that was asked for */
  readonly read: (body: string) => Partial<BucketSettings> | undefined;
}

const NO_LOCK = "ObjectLockConfigurationNotFoundError";
const NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError";

/** What a server keeps of each setting, but for notifications. */
export const DOCUMENTS: readonly BucketDocument[] = [
  { query: "versioning", file: "versioning.xml", none: undefined, read: xml("VersioningConfiguration", versioning) },
  { query: "object-lock", file: "object-lock.xml", none: NO_LOCK, read: xml("ObjectLockConfiguration", objectLock) },
  {
    query: "encryption",
    file: "bucket-encryption.xml",
    none: NO_ENCRYPTION,
    read: xml("ServerSideEncryptionConfiguration", encryption),
  },
  {
    query: "tagging",
    file: "tagging.xml",
    none: "NoSuchTagSet",
    read: xml("Tagging", (root) => ({ tags: tagsOf(root.one("TagSet")?.all("Tag") ?? []) })),
  },
  {
    query: "lifecycle",
    file: "lifecycle.xml",
    none: "NoSuchLifecycleConfiguration",
    read: xml("LifecycleConfiguration", (root) => ({ lifecycle: root.all("Rule").map(ruleOf) })),
  },
  { query: "policy", file: "policy.json", none: "NoSuchBucketPolicy", read: policy },
  { query: undefined, file: "quota.json", none: undefined, read: quota },
];

function xml(name: string, read: (root: XmlElement) => Partial<BucketSettings>): BucketDocument["read"] {
  return (body) => {
    const root = XmlElement.root(body, name);
    return root && read(root);
  };
}

/** Whether versions are kept, and the prefixes left out of it, sorted; folders as `/`. */
function versioning(root: XmlElement): Partial<BucketSettings> {
  const excluded = root.all("ExcludedPrefixes").map((each) => each.text("Prefix") ?? "");
  if (root.text("ExcludeFolders") === "true") excluded.push("/");
  return { versioning: root.text("Status") === "Enabled", versioningExclusions: excluded.sort() };
}

function objectLock(root: XmlElement): Partial<BucketSettings> {
  if (root.text("ObjectLockEnabled") !== "Enabled") return {};
  const retention = root.one("Rule", "DefaultRetention");
  const [mode, days, years] = ["Mode", "Days", "Years"].map((name) => retention?.text(name));
  return {
    objectLock: {
      ...(mode && { mode: mode as NonNullable<ObjectLock["mode"]> }),
      ...(days && { days: Number(days) }),
      ...(years && { years: Number(years) }),
    },
  };
}

/** MinIO answers key names as ARNs. */
function encryption(root: XmlElement): Partial<BucketSettings> {
  const rule = root.one("Rule", "ApplyServerSideEncryptionByDefault");
  const algorithm = rule?.text("SSEAlgorithm") as Encryption["algorithm"] | undefined;
  if (algorithm === undefined) return {};
  if (algorithm === "AES256") return { encryption: { algorithm } };
  const keyId = rule?.text("KMSMasterKeyID")?.replace(/^arn:aws:kms:/, "");
  return { encryption: { algorithm: "aws:kms", ...(keyId && { keyId }) } };
}

function policy(body: string): Partial<BucketSettings> | undefined {
  const document = parsed(body);
  return document && { policy: document as unknown as PolicyDocument };
}

/** `size` since 2023, `quota` before; a server that knows both sends both. It holds as of the server's last usage scan. */
function quota(body: string): Partial<BucketSettings> | undefined {
  const answer = parsed(body);
  if (answer === undefined) return undefined;
  const bytes = Number(answer.size ?? 0) || Number(answer.quota ?? 0);
  return bytes > 0 ? { quota: bytes } : {};
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
