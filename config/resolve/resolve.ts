import { defaults } from "../defaults.ts";
import type {
  Bucket,
  Connection,
  Database,
  Encryption,
  LifecycleRule,
  Naming,
  Notification,
  Platform,
  ReplicationRule,
  ResolvedModel,
  Unmanaged,
} from "../model.ts";
import { DEV_STAGE } from "../rules/stage.ts";
import type { BucketSpec, GroupSpec, NotificationSpec, RuleSpec } from "../schema/bucket.ts";
import { FOREVER } from "../schema/cascading-settings.ts";
import type { DatabaseSpec } from "../schema/database.ts";
import type { PlatformSpec } from "../schema/platform.ts";
import type { ReplicationRuleSpec } from "../schema/replication.ts";
import type { UnmanagedSpec } from "../schema/unmanaged.ts";
import { roleName } from "../values/database-names.ts";
import { secureByDefault } from "../values/endpoint.ts";
import { eventNames } from "../values/notifications.ts";
import { quotaBytes } from "../values/quota.ts";
import { resolveAccess, resolveRotation } from "./access.ts";
import { resolveAlerting } from "./alerting.ts";
import { resolveBackup, withBackupIdentities, withBackupJobs } from "./backup.ts";
import { type Cascading, cascaded } from "./cascade.ts";
import { resolveDatabaseBackup } from "./database-backup.ts";
import { resolveExperiments } from "./experiments.ts";
import { resolveFeatures, withFeatureJob } from "./features.ts";
import { resolveServices } from "./services.ts";
import { resolveWorkloads } from "./workloads.ts";

/** A platform's spec with its stage's overlay merged, judged and found right. */
export interface JudgedSpec {
  readonly platform: string;
  readonly spec: PlatformSpec;
}

/** Applies every default once; sorted by platform, bucket, tag, path and prefix. */
export function resolveModel(specs: readonly JudgedSpec[], stage: string): ResolvedModel {
  const platforms = specs.map(({ platform, spec }) => resolvePlatform(platform, spec, stage));
  return { schemaVersion: 1, stage, connection: resolveConnection(specs), platforms: platforms.sort(byName) };
}

function resolvePlatform(name: string, spec: PlatformSpec, stage: string): Platform {
  const { metadata } = spec;
  const naming = metadata?.naming ?? defaults.naming;
  const exceptions = metadata?.naming_exceptions ?? [];
  const buckets = Object.entries(spec.bucket_groups ?? {}).flatMap(([key, group]) =>
    group.buckets.map((bucket) => {
      const ownNaming = exceptions.includes(bucket.name) ? "plain" : naming;
      return resolveBucket(bucket, group, { platform: name, group: key, stage, naming: ownNaming });
    }),
  );
  const backup = resolveBackup(name, spec.backup);
  const features = resolveFeatures(name, spec.features);
  return {
    name,
    version: metadata?.version ?? "",
    description: metadata?.description ?? "",
    environment: metadata?.environment ?? null,
    naming,
    namingExceptions: [...exceptions].sort(),
    buckets: buckets.sort(byName),
    access: withBackupIdentities(name, resolveAccess(name, spec.access), backup),
    rotation: resolveRotation(spec.access?.rotation),
    database: resolveDatabase(name, spec.database),
    databaseBackup: resolveDatabaseBackup(spec.database_backup),
    workloads: withFeatureJob(name, withBackupJobs(name, resolveWorkloads(name, spec.workloads), backup), features),
    alerting: resolveAlerting(spec.alerting),
    services: resolveServices(name, spec.services),
    experiments: resolveExperiments(spec.experiments),
    features,
    backup,
    unmanaged: (spec.unmanaged ?? []).map(resolveUnmanaged).sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function resolveDatabase(platform: string, spec: DatabaseSpec | undefined): Database | null {
  if (spec === undefined) return null;
  const keys = Object.keys(spec.roles).sort();
  const roles = keys.map((key) => ({
    key,
    name: roleName(platform, key),
    description: spec.roles[key]?.description ?? "",
  }));
  return { name: spec.name, roles };
}

function resolveUnmanaged({ kind, name, digest, says = [], reason }: UnmanagedSpec): Unmanaged {
  return { id: `${kind} ${name}`, kind, name, digest, says: [...says].sort(), reason };
}

function resolveBucket(
  bucket: BucketSpec,
  group: GroupSpec,
  at: { platform: string; group: string; stage: string; naming: Naming },
): Bucket {
  const value = <K extends Cascading>(key: K) => cascaded(key, bucket, group);
  const versioning = value("versioning") ?? defaults.versioning;
  const noncurrent = value("noncurrent_days") ?? defaults.noncurrentDays;
  const quota = value("quota");
  const quotaResult = quota === undefined ? null : quotaBytes(quota);
  return {
    name: bucket.name,
    platform: at.platform,
    group: at.group,
    layer: value("layer") ?? null,
    naming: at.naming,
    description: bucket.description ?? "",
    tags: sortedRecord(bucket.tags ?? {}),
    paths: sortedRecord(bucket.paths ?? {}),
    versioning,
    retentionDays: value("retention_days") ?? null,
    noncurrentDays: versioning && noncurrent !== FOREVER ? noncurrent : null,
    lifecycle: (bucket.lifecycle ?? []).map(resolveRule),
    encryption: resolveEncryption(value("encryption") ?? defaults.encryption),
    quotaBytes: quotaResult !== null && "bytes" in quotaResult ? quotaResult.bytes : null,
    objectLock: bucket.object_lock ?? null,
    replication: (bucket.replication ?? [])
      .map((rule) => resolveReplication(rule, bucket.name))
      .sort((a, b) => b.priority - a.priority),
    publicRead: [...new Set(bucket.public_read ?? [])].sort(),
    notifications: bucket.notifications === undefined ? null : resolveNotifications(bucket.notifications),
    onDelete: value("on_delete") ?? defaults.onDelete,
    adopt: bucket.adopt ?? defaults.adopt,
    protect: at.stage !== DEV_STAGE,
  };
}

function resolveRule(rule: RuleSpec): LifecycleRule {
  return {
    id: rule.id,
    enabled: rule.enabled ?? defaults.ruleEnabled,
    prefix: rule.prefix ?? "",
    tags: sortedRecord(rule.tags ?? {}),
    expireDays: rule.expire_days ?? null,
    noncurrentDays: rule.noncurrent_days ?? null,
    keepVersions: rule.keep_versions ?? null,
    transition: rule.transition ?? null,
  };
}

function resolveNotifications(specs: readonly NotificationSpec[]): Notification[] {
  const all = specs.map(({ target, events, prefix = "", suffix = "" }) => {
    return { target, events: eventNames(events), prefix, suffix };
  });
  return all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function resolveReplication(rule: ReplicationRuleSpec, name: string): ReplicationRule {
  const { priority, deleteMarkers, deleteVersions, existingObjects } = defaults.replication;
  return {
    to: rule.to,
    bucket: rule.bucket ?? name,
    prefix: rule.prefix ?? "",
    priority: rule.priority ?? priority,
    deleteMarkers: rule.delete_markers ?? deleteMarkers,
    deleteVersions: rule.delete_versions ?? deleteVersions,
    existingObjects: rule.existing_objects ?? existingObjects,
  };
}

function resolveEncryption(text: string): Encryption {
  if (text.startsWith("sse-kms:")) return { type: "sse-kms", key: text.slice("sse-kms:".length) };
  return { type: text === "sse-s3" ? "sse-s3" : "none" };
}

/** The files of a stack agree, so the first that gives a value gives it for all. */
function resolveConnection(specs: readonly JudgedSpec[]): Connection | null {
  const configs = specs.flatMap(({ spec }) => (spec.minio_config === undefined ? [] : [spec.minio_config]));
  const endpoint = configs[0]?.endpoint;
  if (endpoint === undefined) return null;
  return {
    endpoint,
    secure: configs.find(({ secure }) => secure !== undefined)?.secure ?? secureByDefault(endpoint),
    region: configs.find(({ region }) => region !== undefined)?.region ?? defaults.region,
  };
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
