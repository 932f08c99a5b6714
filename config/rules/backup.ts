import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import type { BackupSpec } from "../schema/backup.ts";
import { shownText } from "../schema/values.ts";
import { backupName } from "../values/backup-names.ts";
import { bucketNameFaults } from "../values/names.ts";
import { nearest } from "../values/nearest.ts";
import { keyFault, prefixFaults } from "./prefixes.ts";
import type { DocumentRule } from "./rule.ts";
import type { BucketView, View } from "./stage-view.ts";
import { LONGEST_NAME, scheduleFault, scheduleFix } from "./workload-values.ts";
import { roleFaults } from "./workloads.ts";

/** What is backed up stands in the same file, once, and isn't the target itself. */
export const backupBuckets: DocumentRule = (view) => {
  const { backup } = view.spec;
  if (backup === undefined) return [];
  return backup.buckets.flatMap(({ name: bucket, prefixes = [] }, index) => {
    const path = view.original(["backup", "buckets", index]);
    const at = [...path, "name"];
    const said = `bucket ${shownText(bucket)}`;
    const faults = prefixes.flatMap((prefix, place) => prefixFaults(prefix, [...path, "prefixes", place]));
    if (bucket === backup.bucket && backup.to === undefined) {
      const message = `${said} is where backups go: backed up into itself it would grow with every run`;
      return [...faults, { code: "backup-target", path: at, message, fix: "remove it, or name another target" }];
    }
    if (backup.buckets.findIndex((each) => each.name === bucket) < index) {
      const message = `${said} stands in this list already`;
      const fix = "remove one of the two, and give the other the prefixes of both";
      return [...faults, { code: "repeated-entry", path: at, message, fix }];
    }
    return [...faults, ...missing(view, bucket, at)];
  });
};

/** The target holds what it is given for as long as it is to be kept, and no longer. */
export const backupTarget: DocumentRule = (view) => {
  const { backup } = view.spec;
  if (backup === undefined) return [];
  const path = ["backup", "bucket"];
  // One of another server is judged there, before the first byte is sent.
  if (backup.to !== undefined) {
    const wrong = bucketNameFaults(backup.bucket);
    return wrong.map(({ message, fix }) => ({
      ...{ code: "bucket-name", path, fix },
      message: `${shownText(backup.bucket)} ${message}`,
    }));
  }
  const target = view.buckets.find(({ bucket }) => bucket.name === backup.bucket);
  if (target === undefined) return missing(view, backup.bucket, path);
  const fault = (message: string, fix: string, involved: readonly Path[]): Fault => ({
    ...{ code: "backup-target", path, involved, fix },
    message: `bucket ${shownText(backup.bucket)} ${message}`,
  });
  const faults: Fault[] = [];
  const lock = target.bucket.object_lock;
  const atLock = [...target.path, "object_lock"];
  if (!target.versioning && target.isKnown("versioning")) {
    const message = "has no versioning: what is written over would be lost";
    faults.push(fault(message, "write versioning: true for it", target.where("versioning")));
  }
  if (lock === undefined && view.isKnown(atLock)) {
    const message = "has no object_lock: a backup in it could be deleted";
    const fix = `write object_lock: {mode: compliance, days: ${backup.keep}} for it; a lock is made with a bucket, so one that is there needs another name`;
    faults.push(fault(message, fix, [atLock]));
  }
  if (lock !== undefined && lock.days !== backup.keep) {
    const than =
      lock.days > backup.keep ? "longer than keep says: nothing would be freed in time" : "shorter than keep says";
    const message = `locks what is stored for ${lock.days} days, ${than}, ${backup.keep}`;
    faults.push(
      fault(message, "write the same number of days for both", [
        [...atLock, "days"],
        ["backup", "keep"],
      ]),
    );
  }
  if (lock?.mode === "governance") {
    const message =
      "locks by governance: who may extend such a lock can shorten it, and the key that makes backups may extend";
    faults.push(fault(message, "write mode: compliance for it", [[...atLock, "mode"]]));
  }
  return [...faults, ...expiryFaults(view, target, backup, fault)];
};

/** A rule that hides manifests before their time. */
function expiryFaults(
  view: View,
  { bucket, group, rules, path, where, isKnown }: BucketView,
  { prefix = "", keep }: BackupSpec,
  fault: (message: string, fix: string, involved: readonly Path[]) => Fault,
): Fault[] {
  const retention = isKnown("retention_days") ? (bucket.retention_days ?? group.retention_days) : undefined;
  const whole =
    typeof retention === "number" ? [{ days: retention, what: "retention_days", at: where("retention_days") }] : [];
  const ofRules = rules.flatMap(({ rule, path: at }) => {
    const { expire_days: days, prefix: own = "", enabled = true } = rule;
    const meets = own.startsWith(prefix) || prefix.startsWith(own);
    return days !== undefined && enabled && meets && view.isKnown([...path, "lifecycle"])
      ? [{ days, what: `rule ${rule.id}`, at: [[...at, "expire_days"]] }]
      : [];
  });
  return [...whole, ...ofRules]
    .filter(({ days }) => days < keep)
    .map(({ days, what, at }) =>
      fault(
        `lets backups go after ${days} days (${what}), keep is ${keep}`,
        `write ${keep} for ${what}, or another prefix`,
        [...at, ["backup", "keep"]],
      ),
    );
}

/** Prefix and schedules, and the role of drills. */
export const backupValues: DocumentRule = (view) => {
  const {
    spec: { backup },
    document: { platform },
  } = view;
  if (backup === undefined) return [];
  const { prefix, drill } = backup;
  const faults: Fault[] = [];
  const wrong = prefix === undefined ? null : (keyFault(prefix) ?? slashFault(prefix));
  if (wrong !== null) {
    const message = `prefix ${shownText(prefix ?? "")} ${wrong.message}`;
    faults.push({ code: "backup-value", path: ["backup", "prefix"], message, fix: wrong.fix });
  }
  const schedules: [string, Path][] = [[backup.schedule, ["backup", "schedule"]]];
  if (drill !== undefined) schedules.push([drill.schedule, ["backup", "drill", "schedule"]]);
  for (const [schedule, path] of schedules) {
    const wrongSchedule = scheduleFault(schedule);
    if (wrongSchedule === null) continue;
    const message = `schedule ${shownText(schedule)} ${wrongSchedule}`;
    faults.push({ code: "backup-value", path, message, fix: scheduleFix(schedule) });
  }
  if (drill !== undefined) faults.push(...roleFaults(view, drill, ["backup", "drill"]));
  const name = backupName(platform);
  if (name.length > LONGEST_NAME) {
    const message = `the scheduled job ${shownText(name)} would have ${name.length} characters, Kubernetes takes ${LONGEST_NAME}`;
    faults.push({ code: "backup-value", path: ["backup"], onKey: true, message, fix: "give the file a shorter name" });
  }
  return faults;
};

function slashFault(prefix: string): { message: string; fix: string } | null {
  if (prefix.endsWith("/")) return null;
  return { message: "must end in a slash", fix: `write ${shownText(`${prefix}/`)}` };
}

function missing(view: View, bucket: string, path: Path): Fault[] {
  const there = view.buckets.map((each) => each.bucket.name);
  if (there.includes(bucket) || !view.hasAllBuckets) return [];
  const near = nearest(bucket, there);
  const message = `this file has no bucket ${shownText(bucket)}`;
  const fix = near === null ? "name a bucket of this file, or add it" : `did you mean ${near}?`;
  return [{ code: "dangling-reference", path, message, fix }];
}
