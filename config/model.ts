import { z } from "zod";
import { defaults } from "./defaults.ts";
import { alerting } from "./model-alerting.ts";
import { backup } from "./model-backup.ts";
import { experiment } from "./model-experiments.ts";
import { features } from "./model-features.ts";
import { NO_SERVICES, services, workload } from "./model-programs.ts";
import { days, list, object, text, textByName, texts } from "./model-shapes.ts";

/**
 * The resolved model: what a stage shall look like, as plain JSON with every default applied.
 * Everything right of `config/` (builders, components, commands) reads this and invents no value. Its types are those of
 * these schemas; import them by `import type`, so that only who reads a model from a file builds the schemas.
 */

/** `layered`: names begin with a two-digit layer prefix; `plain`: kebab-case only. */
const naming = z.enum(["layered", "plain"]);

const encryption = z.discriminatedUnion("type", [
  object({ type: z.literal("none") }),
  object({ type: z.literal("sse-s3") }),
  object({ type: z.literal("sse-kms"), key: text }),
]);

/** Default retention of a bucket born with object lock. */
const objectLock = object({ mode: z.enum(["governance", "compliance"]), days });

const lifecycleRule = object({
  id: text,
  /** False does nothing; a model of a version that had none has true. */
  enabled: z.boolean().default(true),
  /** Key prefix the rule is limited to; `""` is the whole bucket. */
  prefix: text,
  /** Object tags the rule is limited to; empty is no limit. */
  tags: textByName,
  expireDays: days.nullable(),
  noncurrentDays: days.nullable(),
  /** Newest noncurrent versions that stay, whatever their age. */
  keepVersions: z.number().nullable(),
  transition: object({ days, tier: text }).nullable(),
});

const notification = object({
  /** `lake:webhook`, name and kind. */
  target: text,
  /** S3's names, sorted, none that another covers. */
  events: texts,
  /** `""` is every object. */
  prefix: text,
  suffix: text,
});

/** New versions of objects are copied to a bucket of another server. */
const replicationRule = object({
  /** Name of a remote of the stack. */
  to: text,
  bucket: text,
  /** `""` is the whole bucket. */
  prefix: text,
  priority: z.number(),
  deleteMarkers: z.boolean(),
  deleteVersions: z.boolean(),
  existingObjects: z.boolean(),
});

const bucket = z.object({
  name: text,
  platform: text,
  /** Key of the bucket group; for people only, never part of a resource's name. */
  group: text,
  layer: text.nullable(),
  /** That of its platform, exceptions applied. */
  naming,
  description: text,
  tags: textByName,
  /** Named path templates with `{placeholder}`s. */
  paths: textByName,
  versioning: z.boolean(),
  /** Maximum age of current versions in days; null keeps them for ever. */
  retentionDays: days.nullable(),
  /** Days a noncurrent version stays; null where the bucket has no versioning, or no rule of its own ends them. */
  noncurrentDays: days.nullable(),
  /** In the order of the spec. */
  lifecycle: list(lifecycleRule),
  encryption,
  quotaBytes: z.number().nullable(),
  objectLock: objectLock.nullable(),
  /** The highest priority first. A model of a version that had none has none. */
  replication: list(replicationRule).default([]),
  /** Key prefixes anyone may read, sorted; empty is private. */
  publicRead: texts,
  /** In the order of their text; null leaves alone what the server has, as does a model of a version that had none. */
  notifications: list(notification).nullable().default(null),
  onDelete: z.enum(["retain", "delete_if_empty", "purge"]),
  /** May take over a bucket that exists already and isn't ours. */
  adopt: z.boolean(),
  /** True in every stage but `dev`: the engine refuses to delete it. */
  protect: z.boolean(),
});

const grant = object({
  role: z.enum(["list", "read", "write", "delete", "read_write", "restore", "inspect", "back_up", "keep", "drill"]),
  /** Of `drill` alone a pattern: scratch buckets. */
  bucket: text,
  /** Key prefixes the role is limited to, sorted; empty is the whole bucket. */
  prefixes: texts,
  /** Of `keep`: for how many days what is stored may be locked. */
  lockDays: days.optional(),
});

const accessPolicy = object({
  /** Key in the spec. */
  key: text,
  /** Name on the server. */
  name: text,
  /** In the order of the spec. */
  grants: list(grant),
});

/** Policies are named as on the server, sorted. */
const group = object({ name: text, policies: texts });

const user = object({
  /** Name on the server; the user's access key. */
  name: text,
  policies: texts,
  groups: texts,
});

const serviceAccount = object({
  name: text,
  user: text,
  /** Policies whose grants make the account's document; never empty. */
  policies: texts,
});

/** When keys of service accounts are replaced, in days. */
const rotation = object({
  /** Null is when somebody asks for it. */
  maxAgeDays: days.nullable(),
  /** How long the old key is taken beside the new one. */
  graceDays: days,
});

const access = object({
  policies: list(accessPolicy),
  groups: list(group),
  users: list(user),
  serviceAccounts: list(serviceAccount),
});

/** A login role of a platform; migrations grant it what it may do. */
const databaseRole = object({
  /** Key in the spec. */
  key: text,
  /** Name on the server. */
  name: text,
  description: text,
});

const database = object({
  name: text,
  /** Sorted by key. */
  roles: list(databaseRole),
});

/** Where the stack's PostgreSQL server keeps base backups and its log. */
const databaseBackup = object({
  bucket: text,
  /** Ends in `/`. */
  prefix: text,
  serviceAccount: text,
  archiveTimeoutSeconds: z.number(),
  /** Of base backups on Kubernetes, in UTC. Models that history keeps from before have none. */
  schedule: text.default(defaults.databaseBackup.schedule),
});

/** Something on the server that no spec makes. */
const unmanaged = object({
  /** `policy home-dirs`: kind and name. */
  id: text,
  kind: text,
  /** As `scan` shows it. */
  name: text,
  /** Of all that was so about it when it was listed. */
  digest: text,
  /** What was so, a sentence each; empty where the digest alone is known. */
  says: texts,
  reason: text,
});

const platform = z.object({
  /** File name without `.yaml`. */
  name: text,
  version: text,
  description: text,
  /** The label `metadata.environment`; stages come from the stack. */
  environment: text.nullable(),
  naming,
  namingExceptions: texts,
  /** Sorted by name. */
  buckets: list(bucket.readonly()),
  access,
  /** Null ends a replaced key at once; a model of a version that had none has null. */
  rotation: rotation.nullable().default(null),
  /** Null where the platform has none. */
  database: database.nullable(),
  /** Of the whole stack: one platform at most says it. A model of a version that had none has none. */
  databaseBackup: databaseBackup.nullable().default(null),
  /** Sorted by name. */
  workloads: list(workload),
  /** Null where the platform asks for no alerts. */
  alerting: alerting.nullable(),
  /** Most are of the whole stack: platforms that ask for one ask for the same. A model of a version that had none has none. */
  services: services.default(NO_SERVICES),
  /** In the order of the spec. A model of a version that had none has none. */
  experiments: list(experiment).default([]),
  /** Null where the platform has no feature store. A model of a version that had none has none. */
  features: features.nullable().default(null),
  /** Null where the platform asks for no backups of its buckets. */
  backup: backup.nullable().default(null),
  /** Sorted by id. A model of a version that had none has none. */
  unmanaged: list(unmanaged).default([]),
});

const connection = object({
  /** host:port, no scheme. */
  endpoint: text,
  secure: z.boolean(),
  region: text,
});

/** Reads a model that another version printed: keys that it has beyond ours stay, for comparisons. */
export const modelOfAnyVersion = z.object({
  schemaVersion: z.literal(1),
  stage: text,
  /** Null where no file has `minio_config`. */
  connection: connection.nullable(),
  /** Sorted by name. */
  platforms: list(
    platform
      .loose()
      .extend({ buckets: list(bucket.loose().readonly()) })
      .readonly(),
  ),
});

export type ResolvedModel = Readonly<Omit<z.output<typeof modelOfAnyVersion>, "platforms">> & {
  readonly platforms: readonly Platform[];
};

/** Where the server is, from `minio_config`; stack config wins. Credentials never enter the model. */
export type Connection = z.output<typeof connection>;
export type Platform = Readonly<z.output<typeof platform>>;
export type Naming = z.output<typeof naming>;
export type Bucket = Readonly<z.output<typeof bucket>>;
/** `retain` forgets, `delete_if_empty` removes an empty bucket, `purge` also permits `bucketworks purge`. */
export type OnDelete = Bucket["onDelete"];
export type Encryption = z.output<typeof encryption>;
/** One lifecycle rule beside the rule `retention` that `retentionDays` stands for. Days are whole days. */
export type LifecycleRule = z.output<typeof lifecycleRule>;
/** Whom a bucket tells of what happens to its objects. */
export type Notification = z.output<typeof notification>;
export type ReplicationRule = z.output<typeof replicationRule>;
/** Who may do what; each list sorted by name. */
export type Access = z.output<typeof access>;
export type Rotation = z.output<typeof rotation>;
export type AccessPolicy = z.output<typeof accessPolicy>;
/** One role on one bucket of the same platform. */
export type Grant = z.output<typeof grant>;
/**
 * What an identity may do: `list` sees names, `read` also gets objects, `write` puts them, `delete` deletes them,
 * `read_write` is read, write and delete, `inspect` reads the bucket's settings and nothing in it. Three are generated alone, for
 * backups: `back_up` reads every version and what is set for it, `keep` adds versions and locks them, and deletes nothing,
 * `drill` makes, fills and removes scratch buckets.
 */
export type Role = Grant["role"];
export type User = z.output<typeof user>;
/** A key of its own that acts for a user with its own policy document, never more than the user's. */
export type ServiceAccount = z.output<typeof serviceAccount>;
/** The platform's database on the PostgreSQL server of the stack; others of the stack may share it. */
export type Database = z.output<typeof database>;
/** Backups of the PostgreSQL server of the stack. */
export type DatabaseBackup = z.output<typeof databaseBackup>;
export type { Services, SharedServices, Workload, WorkloadRun, WorkloadStep } from "./model-programs.ts";
export { NO_SERVICES } from "./model-programs.ts";
/** Something on the server that no spec makes. */
export type Unmanaged = Platform["unmanaged"][number];
export type { Alerting } from "./model-alerting.ts";
export type { Backup } from "./model-backup.ts";
export type { Experiment } from "./model-experiments.ts";
export type { Features } from "./model-features.ts";
