import type { Fault, SpecIssue } from "../issues.ts";
import { accessNames } from "./access-names.ts";
import { references } from "./access-references.ts";
import { backupBuckets, backupTarget, backupValues } from "./backup.ts";
import { bucketNames, duplicateBuckets, groupNames, naming, settingTexts } from "./buckets.ts";
import { credentials, endpoint, sameServer } from "./connection.ts";
import { databaseNames, uniqueHistories, uniqueRoles } from "./database.ts";
import { databaseBackup, oneDatabaseBackup } from "./database-backup.ts";
import { experimentPlace, experiments } from "./experiments.ts";
import { featurePlace, features } from "./features.ts";
import { grants, repeatedNames } from "./grants.ts";
import { idleRules } from "./idle-rules.ts";
import { oneExpiry, ruleActions, ruleIds } from "./lifecycle-rules.ts";
import { notifications } from "./notifications.ts";
import { pathTemplates } from "./path-templates.ts";
import { placeholderNames } from "./placeholder-names.ts";
import { mlflowDatabases, platformServices } from "./platform-services.ts";
import { prefixes } from "./prefixes.ts";
import { replication } from "./replication.ts";
import { rollouts } from "./rollout.ts";
import type { BucketRule, DocumentRule, StackRule } from "./rule.ts";
import { uniqueNames } from "./server-names.ts";
import { serviceValues, stackServices } from "./services.ts";
import type { View } from "./stage-view.ts";
import { tags } from "./tags.ts";
import { unmanaged, unmanagedOnce } from "./unmanaged.ts";
import { groupNoncurrent, noncurrent, objectLock } from "./versions.ts";
import { uniqueWorkloads, workloads } from "./workloads.ts";

const bucketRules: readonly BucketRule[] = [
  bucketNames,
  settingTexts,
  tags,
  prefixes,
  pathTemplates,
  ruleIds,
  ruleActions,
  oneExpiry,
  noncurrent,
  objectLock,
  notifications,
  replication,
];

const documentRules: readonly DocumentRule[] = [
  groupNames,
  naming,
  endpoint,
  credentials,
  groupRules,
  idleRules,
  placeholderNames,
  accessNames,
  references,
  grants,
  repeatedNames,
  databaseNames,
  databaseBackup,
  workloads,
  serviceValues,
  platformServices,
  experiments,
  experimentPlace,
  features,
  featurePlace,
  rollouts,
  backupBuckets,
  backupTarget,
  backupValues,
  unmanaged,
];

const stackRules: readonly StackRule[] = [
  duplicateBuckets,
  uniqueNames,
  uniqueRoles,
  uniqueHistories,
  uniqueWorkloads,
  sameServer,
  stackServices,
  mlflowDatabases,
  oneDatabaseBackup,
  unmanagedOnce,
];

/** Every cross-field fault of one document. */
export function documentFaults(view: View): Fault[] {
  return [
    ...documentRules.flatMap((rule) => rule(view)),
    ...view.buckets.flatMap((bucket) => bucketRules.flatMap((rule) => rule(bucket))),
  ];
}

/** Every fault between the documents of one stack. */
export function stackIssues(views: readonly View[]): SpecIssue[] {
  return stackRules.flatMap((rule) => rule(views));
}

function groupRules(view: View): Fault[] {
  const keys = [...new Set(view.buckets.map(({ groupPath }) => String(groupPath[1])))];
  return keys.flatMap((key) => groupNoncurrent(view.buckets.filter(({ groupPath }) => groupPath[1] === key)));
}
