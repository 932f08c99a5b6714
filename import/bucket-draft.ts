import { isDeepStrictEqual } from "node:util";
import { NONCURRENT_RULE, RETENTION_RULE } from "../builders/lifecycle-document.ts";
import { publicReadPolicy } from "../builders/public-read.ts";
import { notificationFilterFault } from "../config/rules/notifications.ts";
import type { BucketSpec, NotificationSpec, RuleSpec } from "../config/schema/bucket.ts";
import { FOREVER } from "../config/schema/cascading-settings.ts";
import { EVENTS, eventNames, eventWord, isTarget, targetOf } from "../config/values/notifications.ts";
import { canonicalRule } from "../live/canonical.ts";
import type { LiveNotification } from "../live/compare-settings.ts";
import { sameRights } from "../live/covering.ts";
import type { LiveBucket } from "../live/live-server.ts";
import type { LifecycleRule, PolicyDocument } from "../provider/bucket-types.ts";

/** What a spec could say of a bucket, and what of it has no word there. */
export interface BucketDraft {
  readonly spec: BucketSpec;
  /** A sentence each; what they name is not in `spec`. */
  readonly unsaid: readonly string[];
}

/** Only what means on the server what it says in the spec: never more. */
export function bucketDraft(name: string, { settings, notifications }: LiveBucket): BucketDraft {
  const { versioning, tags, encryption, objectLock, policy, quota } = settings;
  const lifecycle = settings.lifecycle.map(canonicalRule);
  const faults = new Map(lifecycle.map((rule) => [rule, ruleFault(rule)]));
  const sayable = lifecycle.filter((rule) => faults.get(rule) === null);
  const retention = sayable.find(({ ID }) => ID === RETENTION_RULE)?.Expiration?.Days;
  const noncurrent = sayable.find(({ ID }) => ID === NONCURRENT_RULE)?.NoncurrentVersionExpiration?.NoncurrentDays;
  const rules = sayable.filter(({ ID }) => ID !== RETENTION_RULE && ID !== NONCURRENT_RULE).map(ruleSpec);
  const open = publicReads(name, policy);
  const { mode, days } = objectLock ?? {};
  const isTold = notifications.every(isSayable);
  return {
    spec: {
      name,
      ...(Object.keys(tags).length > 0 && { tags: { ...tags } }),
      ...(versioning && { versioning }),
      ...(retention !== undefined && { retention_days: retention }),
      ...(versioning && { noncurrent_days: noncurrent ?? FOREVER }),
      ...(encryption && {
        encryption: encryption.algorithm === "AES256" ? "sse-s3" : `sse-kms:${encryption.keyId ?? ""}`,
      }),
      ...(quota !== undefined && { quota }),
      ...(rules.length > 0 && { lifecycle: rules }),
      ...(mode && days && { object_lock: { mode: mode === "GOVERNANCE" ? "governance" : "compliance", days } }),
      ...(open !== undefined && open.length > 0 && { public_read: open }),
      ...(notifications.length > 0 && isTold && { notifications: notificationSpecs(notifications) }),
    },
    unsaid: [
      ...lifecycle.flatMap((rule) => {
        const fault = faults.get(rule);
        return fault ? [`no spec can say its lifecycle rule ${JSON.stringify(rule.ID)}: ${fault}`] : [];
      }),
      ...(policy !== undefined && open === undefined
        ? ["its bucket policy says more or other than that anyone may read some prefixes (public_read)"]
        : []),
      ...(objectLock?.years === undefined ? [] : ["its object lock counts years, a spec counts days"]),
    ],
  };
}

/** Any other is left alone, and so are those beside it: a bucket's notifications are one document. */
function isSayable({ target, events, prefix, suffix }: LiveNotification): boolean {
  const filters = [prefix, suffix].filter((text) => text !== "");
  return (
    isTarget(targetOf(target)) &&
    events.length > 0 &&
    events.every((event) => EVENTS.includes(event)) &&
    filters.every((text) => notificationFilterFault(text) === null)
  );
}

/** One for each target and the keys that it is limited to, whatever number of rules the server has for them. */
function notificationSpecs(rules: readonly LiveNotification[]): NotificationSpec[] {
  const specs = new Map<string, NotificationSpec>();
  for (const { target: arn, events, prefix, suffix } of rules) {
    const target = targetOf(arn);
    const who = JSON.stringify([target, prefix, suffix]);
    const all = eventNames([...(specs.get(who)?.events ?? []), ...events]).map(eventWord);
    specs.set(who, { target, events: all, ...(prefix !== "" && { prefix }), ...(suffix !== "" && { suffix }) });
  }
  return [...specs.values()];
}

function ruleSpec({
  ID,
  Status,
  Filter,
  Expiration,
  NoncurrentVersionExpiration: old,
  Transition,
}: LifecycleRule): RuleSpec {
  return {
    id: ID,
    ...(Status !== "Enabled" && { enabled: false }),
    ...(Filter.Prefix && { prefix: Filter.Prefix }),
    ...(Filter.Tags && { tags: { ...Filter.Tags } }),
    ...(Expiration?.Days !== undefined && { expire_days: Expiration.Days }),
    ...(old?.NoncurrentDays !== undefined && { noncurrent_days: old.NoncurrentDays }),
    ...(old?.NewerNoncurrentVersions !== undefined && { keep_versions: old.NewerNoncurrentVersions }),
    ...(Transition?.Days !== undefined && { transition: { days: Transition.Days, tier: Transition.StorageClass } }),
  };
}

/** Why no key of the language means what a rule does; null where one does. */
function ruleFault(rule: LifecycleRule): string | null {
  const { ID, Status, Filter, Expiration = {}, Transition, NoncurrentVersionTransition, DelMarkerExpiration } = rule;
  const { ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = Filter;
  const isWhole = Object.keys(Filter).length === 0;
  const isOurs = ID === RETENTION_RULE || ID === NONCURRENT_RULE;
  if (Status !== "Enabled" && isOurs) return `it is disabled, and ${ID} is the rule of ${ID}_days, which is enabled`;
  if (Expiration.Date !== undefined || Transition?.Date !== undefined) return "it acts on a date";
  if (above !== undefined || below !== undefined) return "it is limited to objects of some sizes";
  if (Expiration.ExpiredObjectAllVersions) return "it deletes all versions of an object that expires";
  if (DelMarkerExpiration !== undefined) return "it removes delete markers after a time";
  if (NoncurrentVersionTransition !== undefined) return "it moves old versions to a tier";
  if (ID === RETENTION_RULE && !(isWhole && isDeepStrictEqual(Object.keys(Expiration), ["Days"])))
    return `${RETENTION_RULE} is the rule of retention_days, and it does something else`;
  if (ID === NONCURRENT_RULE && !(isWhole && Expiration.ExpiredObjectDeleteMarker))
    return `${NONCURRENT_RULE} is the rule of noncurrent_days, and it does something else`;
  if (ID !== NONCURRENT_RULE && Expiration.ExpiredObjectDeleteMarker)
    return `it removes delete markers that stay alone, which only the rule ${NONCURRENT_RULE} of noncurrent_days does`;
  return null;
}

/** Prefixes that anyone may read; undefined where the policy says anything else, too. */
function publicReads(bucket: string, policy: PolicyDocument | undefined): string[] | undefined {
  const start = `arn:aws:s3:::${bucket}/`;
  const resources = (policy?.Statement ?? []).flatMap(({ Resource }) => [Resource].flat().map(String));
  const own = resources.filter((each) => each.startsWith(start));
  const prefixes = [...new Set(own.map((each) => each.slice(start.length, -1)))];
  const same = publicReadPolicy(bucket, prefixes);
  if (policy === undefined) return [];
  return same !== undefined && sameRights(same, policy) ? prefixes : undefined;
}
