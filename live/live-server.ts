import type { PolicyDocument } from "../provider/bucket-types.ts";
import type { Held } from "./compare-settings.ts";
import type { LiveConfiguration } from "./configuration.ts";

/** A part of the server as it was read, or the sentence why it couldn't be. */
export type Look<T> = { readonly value: T } | { readonly reason: string };

/** What a whole server holds, without secrets. What isn't in a list that was read isn't on the server. */
export interface LiveServer {
  readonly url: string;
  /** Every bucket that was asked for or found, by name; null where the server says that there is none. */
  readonly buckets: ReadonlyMap<string, Look<LiveBucket | null>>;
  /** Read where `buckets` is known to hold every bucket of the server. */
  readonly bucketList: Look<true>;
  readonly users: Look<ReadonlyMap<string, LiveUser>>;
  readonly groups: Look<ReadonlyMap<string, Look<LiveGroup>>>;
  /** Every policy that was asked for or found, those that come with the server too; null as in `buckets`. */
  readonly policies: ReadonlyMap<string, Look<PolicyDocument | null>>;
  /** Read where `policies` is known to hold every policy of the server. */
  readonly policyList: Look<true>;
  readonly accounts: Look<readonly LiveAccount[]>;
  /** Remote tiers, by name. */
  readonly tiers: Look<readonly LiveTier[]>;
  /** Where buckets are replicated to. */
  readonly targets: Look<readonly LiveTarget[]>;
  /** The servers that share everything with each other, this one among them; empty where it stands alone. */
  readonly sites: Look<readonly LiveSite[]>;
  /** Batch jobs that run, or were done within three days: they copy, encrypt anew or delete objects. */
  readonly jobs: Look<readonly LiveJob[]>;
  /** Null where the credentials may not, or nobody asked. */
  readonly configuration: Look<LiveConfiguration | null>;
}

export interface LiveBucket extends Held {
  readonly replication: readonly LiveReplication[];
}

export interface LiveReplication {
  readonly rule: string;
  readonly enabled: boolean;
  /** ARN of the target. */
  readonly destination: string;
  readonly priority: number;
  /** Empty is the whole bucket. */
  readonly prefix: string;
  readonly deleteMarkers: boolean;
  readonly deleteVersions: boolean;
  readonly existingObjects: boolean;
  /** What no spec can ask for, in words. */
  readonly beyond: readonly string[];
}

export interface LiveUser {
  readonly enabled: boolean;
  /** Attached directly, sorted. */
  readonly policies: readonly string[];
}

export interface LiveGroup {
  readonly enabled: boolean;
  readonly members: readonly string[];
  /** Sorted; a disabled group keeps them without effect. */
  readonly policies: readonly string[];
}

/** A service account: a key that acts for its user. */
export interface LiveAccount {
  readonly accessKey: string;
  readonly user: string;
  /** ISO 8601; null is never. */
  readonly expires: string | null;
  /** Null where it wasn't asked for. */
  readonly detail: Look<AccountDetail> | null;
}

export interface AccountDetail {
  readonly enabled: boolean;
  /** Null where it has none of its own and may do whatever its user may. */
  readonly policy: PolicyDocument | null;
  /** What its maker says of it; undefined is nothing. */
  readonly description?: string | undefined;
}

/** Where the server moves objects by lifecycle rules, without its key. */
export interface LiveTier {
  readonly name: string;
  /** `minio`, `s3`, `azure` or `gcs`. */
  readonly type: string;
  /** Scheme, host and port; empty where its kind has none. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Without a slash at its end; empty is the whole bucket. */
  readonly prefix: string;
  readonly region: string;
  readonly storageClass: string;
}

/** A remote bucket that a bucket is copied to. */
export interface LiveTarget {
  readonly bucket: string;
  /** host:port */
  readonly endpoint: string;
  readonly secure: boolean;
  readonly targetBucket: string;
  /** By which rules name it. */
  readonly arn: string;
}

/** A server of a site replication. */
export interface LiveSite {
  readonly name: string;
  /** URL */
  readonly endpoint: string;
}

export interface LiveJob {
  readonly id: string;
  /** `replicate`, `keyrotate` or `expire`. */
  readonly type: string;
  /** Who started it. */
  readonly user: string;
}
