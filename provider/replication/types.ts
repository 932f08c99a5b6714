import type { Declared } from "../bucket-types.ts";

/** One rule by which the server copies new versions of a bucket's objects to another server. */
export interface ReplicationRule {
  ID: string;
  /** Of rules that lead to one server, the highest decides. */
  priority: number;
  enabled: boolean;
  /** Scheme, host and port of the other server; empty for a rule whose target is gone. */
  endpoint: string;
  /** Bucket of the other server. */
  bucket: string;
  /** Of the other server, where it has one of its own. */
  region?: string;
  /** Absent is the whole bucket. */
  prefix?: string;
  deleteMarkers: boolean;
  deleteVersions: boolean;
  existingObjects: boolean;
  /** What a rule can have besides, in words (`tag a=b`); seen, never declared. */
  beyond?: string[];
}

export interface RemoteKey {
  accessKey: string;
  secretKey: string;
}

/** The inputs of `bucketworks:index:Replication`: where a bucket is copied to, rules and targets in one resource. */
export interface ReplicationInputs {
  /** The bucket that is copied; never changed. */
  bucket: string;
  /** The highest priority first. */
  rules: ReplicationRule[];
  /** By the endpoint of the other server: MinIO copies a bucket to a server once. */
  keys: Record<string, RemoteKey>;
  /** That of the bucket. */
  onDelete: Declared["onDelete"];
  /** May take over rules and targets that the bucket has already. */
  adopt?: boolean;
}

/** A remote target of a bucket as the server tells it: its secret key stays with the server. */
export interface LiveTarget {
  arn: string;
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
}

/** What a bucket holds of replication. */
export interface LiveReplication {
  rules: ReplicationRule[];
  targets: LiveTarget[];
}

/** The rules in one order, without empty parts: comparing is comparing text. */
export function canonicalRules(rules: readonly ReplicationRule[]): ReplicationRule[] {
  return rules.map(canonicalRule).sort((a, b) => b.priority - a.priority);
}

function canonicalRule({ region, prefix, beyond, ...rule }: ReplicationRule): ReplicationRule {
  return {
    ...rule,
    ...(region && { region }),
    ...(prefix && { prefix }),
    ...(beyond?.length && { beyond }),
  };
}

/** Where a rule or target leads, for people. */
export function placeText({ endpoint, bucket }: Pick<ReplicationRule, "endpoint" | "bucket">): string {
  return endpoint === "" ? bucket : `${endpoint}/${bucket}`;
}
