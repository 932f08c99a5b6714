import type { Path } from "../document/source-tree.ts";
import { grant, group, policy, serviceAccount, user } from "./access.ts";
import { alerting } from "./alerting.ts";
import { backup, backupSource } from "./backup.ts";
import { bucket, bucketGroup, lifecycleRule } from "./bucket.ts";
import { databaseRole } from "./database.ts";
import { databaseBackup } from "./database-backup.ts";
import { experiment } from "./experiments.ts";
import { features } from "./features.ts";
import { platformSpec } from "./platform.ts";
import { replicationRule } from "./replication.ts";
import { services } from "./services.ts";
import { unmanagedEntry } from "./unmanaged.ts";
import { workload } from "./workload.ts";

/** The strict objects of the language, by where they stand; `*` is any key or index. */
function objects(): { at: string; name: string; keys: string[] }[] {
  const { metadata, minio_config, access, database } = platformSpec.shape;
  const rule = "bucket_groups.*.buckets.*.lifecycle.*";
  return [
    { at: "", name: "the file", keys: [...Object.keys(platformSpec.shape), "environments"] },
    { at: "metadata", name: "metadata", keys: Object.keys(metadata.unwrap().shape) },
    { at: "minio_config", name: "minio_config", keys: Object.keys(minio_config.unwrap().shape) },
    { at: "bucket_groups.*", name: "a bucket group", keys: Object.keys(bucketGroup.shape) },
    { at: "bucket_groups.*.buckets.*", name: "a bucket", keys: Object.keys(bucket.shape) },
    { at: rule, name: "a lifecycle rule", keys: Object.keys(lifecycleRule.shape) },
    { at: `${rule}.transition`, name: "transition", keys: Object.keys(lifecycleRule.shape.transition.unwrap().shape) },
    {
      at: "bucket_groups.*.buckets.*.object_lock",
      name: "object_lock",
      keys: Object.keys(bucket.shape.object_lock.unwrap().shape),
    },
    { at: "database_backup", name: "database_backup", keys: Object.keys(databaseBackup.shape) },
    {
      at: "bucket_groups.*.buckets.*.replication.*",
      name: "a replication rule",
      keys: Object.keys(replicationRule.shape),
    },
    { at: "alerting", name: "alerting", keys: Object.keys(alerting.shape) },
    ...Object.entries(alerting.shape).map(([name, shape]) => ({
      at: `alerting.${name}`,
      name: `alerting.${name}`,
      keys: Object.keys(shape.unwrap().shape),
    })),
    { at: "backup", name: "backup", keys: Object.keys(backup.shape) },
    { at: "backup.buckets.*", name: "a bucket to back up", keys: Object.keys(backupSource.shape) },
    { at: "services", name: "services", keys: Object.keys(services.shape) },
    ...Object.entries(services.shape).map(([name, shape]) => ({
      at: `services.${name}`,
      name: `services.${name}`,
      keys: Object.keys(shape.unwrap().shape),
    })),
    { at: "experiments.*", name: "an experiment", keys: Object.keys(experiment.shape) },
    {
      at: "experiments.*.variants.*",
      name: "a variant",
      keys: Object.keys(experiment.shape.variants.valueType.shape),
    },
    { at: "experiments.*.metric", name: "metric", keys: Object.keys(experiment.shape.metric.shape) },
    { at: "experiments.*.looks", name: "looks", keys: Object.keys(experiment.shape.looks.unwrap().shape) },
    {
      at: "experiments.*.guardrails.*",
      name: "a guardrail",
      keys: Object.keys(experiment.shape.guardrails.unwrap().valueType.shape),
    },
    { at: "features", name: "features", keys: Object.keys(features.shape) },
    { at: "features.entities.*", name: "an entity", keys: Object.keys(features.shape.entities.valueType.shape) },
    { at: "features.views.*", name: "a feature view", keys: Object.keys(features.shape.views.valueType.shape) },
    {
      at: "features.views.*.fields.*",
      name: "a feature",
      keys: Object.keys(features.shape.views.valueType.shape.fields.valueType.shape),
    },
    { at: "workloads.*", name: "a workload", keys: Object.keys(workload.shape) },
    { at: "workloads.*.steps.*", name: "a step", keys: Object.keys(workload.shape.steps.unwrap().element.shape) },
    { at: "workloads.*.replicas", name: "replicas", keys: Object.keys(workload.shape.replicas.unwrap().shape) },
    { at: "access", name: "access", keys: Object.keys(access.unwrap().shape) },
    { at: "access.policies.*", name: "a policy", keys: Object.keys(policy.shape) },
    { at: "access.policies.*.grants.*", name: "a grant", keys: Object.keys(grant.shape) },
    { at: "access.groups.*", name: "a group of users", keys: Object.keys(group.shape) },
    { at: "access.users.*", name: "a user", keys: Object.keys(user.shape) },
    { at: "access.service_accounts.*", name: "a service account", keys: Object.keys(serviceAccount.shape) },
    { at: "unmanaged.*", name: "an unmanaged entry", keys: Object.keys(unmanagedEntry.shape) },
    { at: "database", name: "database", keys: Object.keys(database.unwrap().shape) },
    { at: "database.roles.*", name: "a database role", keys: Object.keys(databaseRole.shape) },
  ];
}

/** The keys allowed in the object at a path of a merged document. */
export function knownKeysAt(path: Path): string[] {
  const found = objects().find(({ at }) => {
    const steps = at === "" ? [] : at.split(".");
    return steps.length === path.length && steps.every((step, index) => step === "*" || step === String(path[index]));
  });
  return found?.keys ?? [];
}

/** The objects that know a key, in words. */
export function ownersOf(key: string): string[] {
  return objects()
    .filter(({ keys }) => keys.includes(key))
    .map(({ name }) => name);
}
