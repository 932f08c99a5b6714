import type { LifecycleRuleFilter, LifecycleRule as SdkRule, Tag } from "@aws-sdk/client-s3";
import type { LifecycleFilter, LifecycleRule } from "../bucket-types.ts";

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

/** S3 wants one condition bare and several inside `And`. */
function nestedFilter(filter: LifecycleFilter): LifecycleRuleFilter {
  const { Tags = {}, ...rest } = filter;
  const tags: Tag[] = Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }));
  const conditions = tags.length + Object.keys(rest).length;
  if (conditions > 1) return { And: { ...rest, ...(tags.length > 0 && { Tags: tags }) } };
  if (tags[0]) return { Tag: tags[0] };
  return conditions === 1 ? rest : { Prefix: "" };
}
