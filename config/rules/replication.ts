import { defaults } from "../defaults.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { bucketNameFaults } from "../values/names.ts";
import { prefixFaults } from "./prefixes.ts";
import type { BucketRule } from "./rule.ts";

/** Replication copies versions, and MinIO orders the rules of a bucket by priorities that differ. */
export const replication: BucketRule = (view) => {
  const { bucket, replication: rules } = view;
  const faults: Fault[] = [];
  if (rules.length > 0 && !view.versioning && view.isKnown("versioning")) {
    const message = `replication needs versioning, bucket ${shownText(bucket.name)} has none`;
    const fix = "write versioning: true, or remove replication";
    const path = [...view.path, "replication"];
    const involved = view.where("versioning");
    faults.push({ code: "replication-without-versioning", path, onKey: true, involved, message, fix });
  }
  const [priorities, targets, reaches] = [new Set<number>(), new Map<string, string>(), new Set<string>()];
  for (const { rule, path } of rules) {
    const { to, prefix, priority = defaults.replication.priority, bucket: target = bucket.name } = rule;
    if (rule.bucket !== undefined) {
      const at = [...path, "bucket"];
      for (const { message, fix } of bucketNameFaults(rule.bucket))
        faults.push({ code: "bucket-name", path: at, message: `${shownText(rule.bucket)} ${message}`, fix });
    }
    if (prefix !== undefined) faults.push(...prefixFaults(prefix, [...path, "prefix"]));
    if (priorities.has(priority)) {
      const message = `priority ${priority} is that of another rule of this bucket already`;
      const fix = "give each rule another priority; of those to one remote the highest decides";
      const at = rule.priority === undefined ? path : [...path, "priority"];
      faults.push({ code: "duplicate-priority", path: at, message, fix });
    }
    const other = targets.get(to);
    if (other !== undefined && other !== target) {
      const message = `leads to bucket ${shownText(target)} of ${shownText(to)}, and another rule to ${shownText(other)}: MinIO copies a bucket to one bucket of a server`;
      faults.push({ code: "second-target", path, message, fix: "name the same bucket in all rules to this remote" });
    }
    const reach = JSON.stringify([to, prefix ?? ""]);
    if (reaches.has(reach)) {
      const message = `copies to ${shownText(to)} what another rule of this bucket copies there already`;
      faults.push({ code: "repeated-entry", path, message, fix: "remove one of the two" });
    }
    priorities.add(priority);
    targets.set(to, other ?? target);
    reaches.add(reach);
  }
  return faults;
};
