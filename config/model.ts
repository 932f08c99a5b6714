/**
 * The resolved model: what a stage shall look like, as plain JSON with every default applied.
 * Everything right of `config/` (builders, components, commands) reads this and invents no value.
 */

/** `retain` forgets, `delete_if_empty` removes an empty bucket, `purge` also permits `bucketworks purge`. */
export type OnDelete = "retain" | "delete_if_empty" | "purge";

/** `layered`: names begin with a two-digit layer prefix; `plain`: kebab-case only. */
export type Naming = "layered" | "plain";

export type Encryption =
  | { readonly type: "none" }
  | { readonly type: "sse-s3" }
  | { readonly type: "sse-kms"; readonly key: string };

/** Default retention of a bucket born with object lock. */
export interface ObjectLock {
  readonly mode: "governance" | "compliance";
  readonly days: number;
}

/** One lifecycle rule beside the rule `retention` that `retentionDays` stands for. Days are whole days. */
export interface LifecycleRule {
  readonly id: string;
  /** Key prefix the rule is limited to; `""` is the whole bucket. */
  readonly prefix: string;
  /** Object tags the rule is limited to; empty is no limit. */
  readonly tags: Readonly<Record<string, string>>;
  readonly expireDays: number | null;
  readonly noncurrentDays: number | null;
  /** Newest noncurrent versions that stay, whatever their age. */
  readonly keepVersions: number | null;
  readonly transition: { readonly days: number; readonly tier: string } | null;
}

export interface Bucket {
  readonly name: string;
  readonly platform: string;
  /** Key of the bucket group; for people only, never part of a resource's name. */
  readonly group: string;
  readonly layer: string | null;
  /** That of its platform, exceptions applied. */
  readonly naming: Naming;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Named path templates with `{placeholder}`s. */
  readonly paths: Readonly<Record<string, string>>;
  readonly versioning: boolean;
  /** Maximum age of current versions in days; null keeps them for ever. */
  readonly retentionDays: number | null;
  /** Days a noncurrent version stays; null where the bucket has no versioning. */
  readonly noncurrentDays: number | null;
  /** In the order of the spec. */
  readonly lifecycle: readonly LifecycleRule[];
  readonly encryption: Encryption;
  readonly quotaBytes: number | null;
  readonly objectLock: ObjectLock | null;
  /** Key prefixes anyone may read, sorted; empty is private. */
  readonly publicRead: readonly string[];
  readonly onDelete: OnDelete;
  /** May take over a bucket that exists already and isn't ours. */
  readonly adopt: boolean;
  /** True in every stage but `dev`: the engine refuses to delete it. */
  readonly protect: boolean;
}

/**
 * What an identity may do: `list` sees names, `read` also gets objects, `write` puts them, `delete` deletes them,
 * `read_write` is read, write and delete, `inspect` reads the bucket's settings and nothing in it.
 */
export type Role = "list" | "read" | "write" | "delete" | "read_write" | "restore" | "inspect";

/** One role on one bucket of the same platform. */
export interface Grant {
  readonly role: Role;
  readonly bucket: string;
  /** Key prefixes the role is limited to, sorted; empty is the whole bucket. */
  readonly prefixes: readonly string[];
}

export interface AccessPolicy {
  /** Key in the spec. */
  readonly key: string;
  /** Name on the server. */
  readonly name: string;
  /** In the order of the spec. */
  readonly grants: readonly Grant[];
}

/** Policies and groups are named as on the server, sorted. */
export interface Group {
  readonly name: string;
  readonly policies: readonly string[];
}

export interface User {
  /** Name on the server; the user's access key. */
  readonly name: string;
  readonly policies: readonly string[];
  readonly groups: readonly string[];
}

/** A key of its own that acts for a user with its own policy document, never more than the user's. */
export interface ServiceAccount {
  readonly name: string;
  readonly user: string;
  /** Policies whose grants make the account's document; never empty. */
  readonly policies: readonly string[];
}

/** Who may do what; each list sorted by name. */
export interface Access {
  readonly policies: readonly AccessPolicy[];
  readonly groups: readonly Group[];
  readonly users: readonly User[];
  readonly serviceAccounts: readonly ServiceAccount[];
}

/** A login role of a platform; migrations grant it what it may do. */
export interface DatabaseRole {
  /** Key in the spec. */
  readonly key: string;
  /** Name on the server. */
  readonly name: string;
  readonly description: string;
}

/** The platform's database on the PostgreSQL server of the stack; others of the stack may share it. */
export interface Database {
  readonly name: string;
  /** Sorted by key. */
  readonly roles: readonly DatabaseRole[];
}

/** A run that ends: retried so often, all tries within the deadline. */
export interface RunLimits {
  readonly deadlineSeconds: number;
  readonly retries: number;
}

/** How a workload runs. */
export type WorkloadRun =
  /** `gates`: the platform's other workloads begin when it has succeeded. */
  | ({ readonly kind: "job"; readonly gates: boolean } & RunLimits)
  /** `schedule` as cron has it, in the time zone. */
  | ({ readonly kind: "scheduled_job"; readonly schedule: string; readonly timeZone: string } & RunLimits)
  | {
      readonly kind: "service";
      readonly port: number;
      /** Path that answers 200 when the program is ready. */
      readonly health: string;
      readonly replicas: { readonly min: number; readonly max: number };
    };

/** A program that runs in the cluster of the stack. */
export interface Workload {
  readonly name: string;
  readonly run: WorkloadRun;
  /** Null is the stack's own image. */
  readonly image: string | null;
  /** Empty is the image's entry point. */
  readonly command: readonly string[];
  readonly arguments: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Whose key the program gets. */
  readonly serviceAccount: string | null;
  /** Role on the database server with which it logs in. */
  readonly databaseRole: string | null;
  /** Name of the ConfigMap with the platform's file; null where the program doesn't get it. */
  readonly config: string | null;
  /** Quantities of Kubernetes. */
  readonly cpu: string;
  readonly memory: string;
}

/** When somebody is told. */
export interface Alerting {
  readonly failures: {
    /** Requests in 100 that may fail by the server's fault. */
    readonly errorPercent: number;
    /** How long a failure lasts before it is told. */
    readonly forSeconds: number;
  };
  readonly capacity: {
    /** How full a bucket may be, in 100 of its quota. */
    readonly quotaPercent: number;
    /** Least free space of the server, in 100. */
    readonly freePercent: number;
  };
  readonly compliance: {
    /** Longest time since the live buckets were last found right. */
    readonly validationMaxAgeSeconds: number;
  };
}

export interface Platform {
  /** File name without `.yaml`. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The label `metadata.environment`; stages come from the stack. */
  readonly environment: string | null;
  readonly naming: Naming;
  readonly namingExceptions: readonly string[];
  /** Sorted by name. */
  readonly buckets: readonly Bucket[];
  readonly access: Access;
  /** Null where the platform has none. */
  readonly database: Database | null;
  /** Sorted by name. */
  readonly workloads: readonly Workload[];
  /** Null where the platform asks for no alerts. */
  readonly alerting: Alerting | null;
}

/** Where the server is, from `minio_config`; stack config wins. Credentials never enter the model. */
export interface Connection {
  /** host:port, no scheme. */
  readonly endpoint: string;
  readonly secure: boolean;
  readonly region: string;
}

export interface ResolvedModel {
  readonly schemaVersion: 1;
  readonly stage: string;
  /** Null where no file has `minio_config`. */
  readonly connection: Connection | null;
  /** Sorted by name. */
  readonly platforms: readonly Platform[];
}
