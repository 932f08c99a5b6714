import type { BucketSettings, Encryption, ObjectLock, PolicyDocument } from "../provider/bucket-types.ts";
import { jsonIn } from "./json.ts";
import { lifecycleOf, tagsOf } from "./lifecycle-answer.ts";
import { child, children, childText, type Element, parseXml, text } from "./xml.ts";

/** What one answer says about a bucket. */
export type Part = Partial<BucketSettings> & {
  /** What the server holds and no model can ask for, by path. */
  readonly beyond?: Readonly<Record<string, unknown>>;
};

/** How the answer about each setting is read; undefined where the body isn't the document that was asked for. */
export const READ_SETTING: Readonly<
  Record<Exclude<keyof BucketSettings, "versioningExclusions" | "notifications">, (body: string) => Part | undefined>
> = {
  versioning: xml("VersioningConfiguration", versioning),
  tags: xml("Tagging", (root) => ({ tags: tagsOf(children(child(root, "TagSet"), "Tag")) })),
  lifecycle: xml("LifecycleConfiguration", (root) => ({ lifecycle: lifecycleOf(root) })),
  objectLock: xml("ObjectLockConfiguration", objectLock),
  encryption: xml("ServerSideEncryptionConfiguration", encryption),
  policy,
  quota,
};

function xml(root: string, read: (root: Element) => Part): (body: string) => Part | undefined {
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
  const document = jsonIn(body);
  return Array.isArray(document?.Statement) ? { policy: document as PolicyDocument } : undefined;
}

/** `size` since 2023, `quota` before; a server that knows both sends both. `rate` is of bytes a second, like `requests`. */
function quota(body: string): Part | undefined {
  const answer = jsonIn(body);
  if (answer === undefined) return undefined;
  const bytes = Number(answer.size ?? 0) || Number(answer.quota ?? 0);
  const limits = ["rate", "requests"].filter((name) => Number(answer[name] ?? 0) > 0);
  const beyond = Object.fromEntries(limits.map((name) => [`quota.${name}`, Number(answer[name])]));
  return { ...(bytes > 0 && { quota: bytes }), ...(limits.length > 0 && { beyond }) };
}
