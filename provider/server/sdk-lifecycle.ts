import type { LifecycleRuleFilter, LifecycleRule as SdkRule, Tag } from "@aws-sdk/client-s3";
import type { LifecycleFilter, LifecycleRule } from "../bucket-types.ts";

/** The SDK's rule as one of ours: one flat filter, dates as ISO text. */
export function fromServer(rule: SdkRule): LifecycleRule {
  const { ID, Status, Expiration, NoncurrentVersionExpiration, Transitions, NoncurrentVersionTransitions } = rule;
  return {
    ID: ID ?? "",
    Status: Status ?? "Disabled",
    Filter: flatFilter(rule),
    ...(Expiration && { Expiration: defined({ ...Expiration, Date: Expiration.Date?.toISOString() }) }),
    ...(NoncurrentVersionExpiration && { NoncurrentVersionExpiration: defined(NoncurrentVersionExpiration) }),
    ...(Transitions?.[0] && {
      Transition: defined({
        // MinIO leaves days of 0 out
        Days: Transitions[0].Days ?? (Transitions[0].Date ? undefined : 0),
        Date: Transitions[0].Date?.toISOString(),
        StorageClass: String(Transitions[0].StorageClass ?? ""),
      }),
    }),
    ...(NoncurrentVersionTransitions?.[0] && {
      NoncurrentVersionTransition: {
        NoncurrentDays: NoncurrentVersionTransitions[0].NoncurrentDays ?? 0,
        StorageClass: String(NoncurrentVersionTransitions[0].StorageClass ?? ""),
      },
    }),
  };
}

/** One of our rules as the SDK wants it. */
export function toServer(rule: LifecycleRule): SdkRule {
  const { ID, Status, Filter, Expiration, NoncurrentVersionExpiration, Transition, NoncurrentVersionTransition } = rule;
  const { Date: expiry, ...expiration } = Expiration ?? {};
  const { Date: moved, StorageClass, ...transition } = Transition ?? {};
  return {
    ID,
    Status,
    Filter: nestedFilter(Filter),
    ...(Expiration && { Expiration: { ...expiration, ...(expiry && { Date: new Date(expiry) }) } }),
    ...(NoncurrentVersionExpiration && { NoncurrentVersionExpiration }),
    ...(Transition && {
      Transitions: [{ ...transition, ...(moved && { Date: new Date(moved) }), StorageClass: tier(StorageClass) }],
    }),
    ...(NoncurrentVersionTransition && {
      NoncurrentVersionTransitions: [
        { ...NoncurrentVersionTransition, StorageClass: tier(NoncurrentVersionTransition.StorageClass) },
      ],
    }),
  };
}

/** The SDK knows Amazon's storage classes only; on MinIO it is the name of a tier. */
function tier(name: string | undefined): "GLACIER" {
  return name as "GLACIER";
}

function flatFilter(rule: SdkRule): LifecycleFilter {
  const filter = rule.Filter ?? {};
  const and = filter.And ?? {};
  const tags = [...(filter.Tag ? [filter.Tag] : []), ...(and.Tags ?? [])];
  return defined({
    Prefix: filter.Prefix ?? and.Prefix ?? rule.Prefix,
    Tags: tags.length > 0 ? Object.fromEntries(tags.map((tag) => [tag.Key ?? "", tag.Value ?? ""])) : undefined,
    ObjectSizeGreaterThan: filter.ObjectSizeGreaterThan ?? and.ObjectSizeGreaterThan,
    ObjectSizeLessThan: filter.ObjectSizeLessThan ?? and.ObjectSizeLessThan,
  });
}

/** S3 wants one condition bare and several inside `And`. */
function nestedFilter(filter: LifecycleFilter): LifecycleRuleFilter {
  const { Tags = {}, ...rest } = filter;
  const tags: Tag[] = Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }));
  const conditions = tags.length + Object.keys(rest).length;
  if (conditions > 1) return { And: { ...rest, ...(tags.length > 0 && { Tags: tags }) } };
  if (tags[0]) return { Tag: tags[0] };
  return conditions === 1 ? rest : { Prefix: "" };
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
