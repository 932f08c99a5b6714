import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { wholeBucketExpiry, wholeBucketNoncurrent } from "./lifecycle-rules.ts";
import type { BucketRule } from "./rule.ts";
import type { BucketView } from "./stage-view.ts";

/** Noncurrent versions exist only where the bucket has versioning. */
export const noncurrent: BucketRule = (view) => {
  if (view.versioning || !view.isKnown("versioning")) return [];
  const faults: Fault[] = [];
  const involved = view.where("versioning");
  const at = (path: Path, key: string): void => {
    const message = `${key} needs versioning, bucket ${shownText(view.bucket.name)} has none`;
    faults.push({ code: "noncurrent-without-versioning", path, involved, message, fix: versioningFix(key) });
  };
  if (view.bucket.noncurrent_days !== undefined) at([...view.path, "noncurrent_days"], "noncurrent_days");
  for (const { rule, path } of view.rules) {
    if (rule.noncurrent_days !== undefined) at([...path, "noncurrent_days"], "noncurrent_days");
  }
  return faults;
};

/** A group's `noncurrent_days` reaches its versioned buckets; without any it reaches none. */
export function groupNoncurrent(buckets: readonly BucketView[]): Fault[] {
  const [first] = buckets;
  if (first?.group.noncurrent_days === undefined) return [];
  if (buckets.some((view) => view.versioning || !view.isKnown("versioning"))) return [];
  return [
    {
      code: "noncurrent-without-versioning",
      path: [...first.groupPath, "noncurrent_days"],
      involved: buckets.flatMap((view) => view.where("versioning")),
      message: "noncurrent_days needs versioning, no bucket of this group has it",
      fix: versioningFix("noncurrent_days"),
    },
  ];
}

/** Object lock is built on versions, and a lock longer than the life of the data contradicts the retention. */
export const objectLock: BucketRule = (view) => {
  const lock = view.bucket.object_lock;
  if (lock === undefined || !view.isKnown("versioning")) return [];
  const path = [...view.path, "object_lock"];
  const versioning = view.where("versioning");
  if (!view.versioning) {
    const message = `object_lock needs versioning, bucket ${shownText(view.bucket.name)} has none`;
    const fix = "write versioning: true, or remove object_lock";
    return [{ code: "lock-without-versioning", path, onKey: true, involved: versioning, message, fix }];
  }
  const expiry = wholeBucketExpiry(view);
  if (expiry === null || !view.isKnown("noncurrent_days")) return [];
  const noncurrentLife = wholeBucketNoncurrent(view);
  if (noncurrentLife === null || lock.days <= expiry.days + noncurrentLife.days) return [];
  const message = `locks bucket ${shownText(view.bucket.name)} for ${lock.days} days, but its data is due to go after ${expiry.days} (${expiry.what}) + ${noncurrentLife.days} (${noncurrentLife.what})`;
  const involved = [...expiry.paths, ...noncurrentLife.paths];
  const fix = `shorten the lock, or lengthen ${expiry.what} or ${noncurrentLife.what}`;
  return [{ code: "lock-outlasts-data", path: [...path, "days"], involved, message, fix }];
};

function versioningFix(key: string): string {
  return `write versioning: true, or remove ${key}`;
}
