/**
 * The inputs of `bucketworks:index:Bucket`: one bucket and everything S3 knows about it.
 * An absent setting is a value ("none"), and is enforced as one.
 */

/** One rule in the JSON form of S3's `PutBucketLifecycleConfiguration`, limited to what MinIO keeps. */
export interface LifecycleRule {
  ID: string;
  Status: "Enabled" | "Disabled";
  Filter: LifecycleFilter;
  Expiration?: {
    Days?: number;
    Date?: string;
    ExpiredObjectDeleteMarker?: boolean;
    /** MinIO's own; seen, never declared. */
    ExpiredObjectAllVersions?: boolean;
  };
  NoncurrentVersionExpiration?: { NoncurrentDays?: number; NewerNoncurrentVersions?: number };
  Transition?: { Days?: number; Date?: string; StorageClass: string };
  NoncurrentVersionTransition?: { NoncurrentDays: number; StorageClass: string };
  /** MinIO's own; seen, never declared. */
  DelMarkerExpiration?: { Days: number };
}

/** Limits of a rule; every one given must hold. Empty is the whole bucket. */
export interface LifecycleFilter {
  Prefix?: string;
  /** Object tags. */
  Tags?: Record<string, string>;
  /** Bytes. */
  ObjectSizeGreaterThan?: number;
  /** Bytes. */
  ObjectSizeLessThan?: number;
}

/** Object lock is born with the bucket; without `mode` the bucket has lock but no default retention. */
export interface ObjectLock {
  mode?: "GOVERNANCE" | "COMPLIANCE";
  days?: number;
  years?: number;
}

export interface Encryption {
  algorithm: "AES256" | "aws:kms";
  /** Name of the KMS key; only with `aws:kms`. */
  keyId?: string;
}

/** Whom MinIO tells of what happens to objects of a bucket. */
export interface Notification {
  /** Name and kind of a target of the server: `lake:webhook`. */
  target: string;
  /** S3's names. */
  events: string[];
  prefix?: string;
  suffix?: string;
}

/** Everything on the server that the resource owns. */
export interface BucketSettings {
  versioning: boolean;
  /** Prefixes that MinIO leaves out of versioning; seen, never declared. */
  versioningExclusions?: string[];
  tags: Record<string, string>;
  lifecycle: LifecycleRule[];
  objectLock?: ObjectLock;
  encryption?: Encryption;
  /** The bucket policy document (anonymous access). */
  policy?: PolicyDocument;
  /** Quota in bytes, as of the server's last usage scan. */
  quota?: number;
  /** Absent is whatever the server has: it is neither read nor written then. An empty list is none. */
  notifications?: Notification[];
}

export interface PolicyDocument {
  Version: string;
  Statement: Record<string, unknown>[];
  [key: string]: unknown;
}

/** What policy rules need to know and the server can't hold; changes nothing on it. */
export interface Declared {
  stage: string;
  platform: string;
  layer?: string;
  /** Only where the name has to begin with a layer prefix. */
  naming?: "layered";
  /** Days. */
  retentionDays?: number;
  onDelete: "retain" | "delete_if_empty" | "purge";
  /** Tiers of the stack that its rules name: rules that waited for one are written once it is there. */
  tiers?: string[];
}

export interface BucketInputs extends BucketSettings {
  bucket: string;
  /** May take over a bucket that exists already. */
  adopt?: boolean;
  declared?: Declared;
}
