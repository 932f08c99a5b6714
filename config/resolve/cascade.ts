import type { BucketSpec, GroupSpec } from "../schema/bucket.ts";
import type { cascadingSettings } from "../schema/cascading-settings.ts";

export type Cascading = keyof typeof cascadingSettings;

/** The group's value unless the bucket has its own; undefined where neither has one. */
export function cascaded<K extends Cascading>(
  key: K,
  bucket: BucketSpec,
  group: GroupSpec,
): BucketSpec[K] | GroupSpec[K] {
  return bucket[key] ?? group[key];
}
