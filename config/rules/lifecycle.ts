import { cascaded } from "../cascade.ts";
import { defaults } from "../defaults.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { Path } from "../tree.ts";
import type { BucketView } from "../view.ts";
import type { BucketRule } from "./rule.ts";

const RULE_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/;
/** The rules that settings stand for, by id. */
const OWN_RULES: ReadonlyMap<string, string> = new Map([
  ["retention", "retention_days"],
  ["noncurrent", "noncurrent_days"],
]);

/** Ids: well-formed, not ours, each once in a bucket. */
export const ruleIds: BucketRule = ({ rules }) => {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const { rule, path: at } of rules) {
    const path = [...at, "id"];
    const setting = OWN_RULES.get(rule.id);
    if (setting !== undefined) {
      const message = `${rule.id} is the rule that ${setting} makes`;
      faults.push({ code: "rule-id", path, message, fix: `choose another id, or use ${setting}` });
    } else if (!RULE_ID.test(rule.id)) {
      const message = `rule id ${shownText(rule.id)} must have 1 to 255 letters, digits, dots, dashes and underscores`;
      faults.push({ code: "rule-id", path, message, fix: "rename the rule" });
    } else if (seen.has(rule.id)) {
      const message = `rule id ${shownText(rule.id)} stands twice in this bucket`;
      faults.push({ code: "duplicate-rule-id", path, message, fix: "rename one of the two" });
    }
    seen.add(rule.id);
  }
  return faults;
};

/** Each rule does something, and something that can happen. */
export const ruleActions: BucketRule = ({ rules }) => {
  const faults: Fault[] = [];
  for (const { rule, path } of rules) {
    const { expire_days, noncurrent_days, keep_versions, transition } = rule;
    if (keep_versions !== undefined && noncurrent_days === undefined) {
      const message = "keep_versions needs noncurrent_days beside it";
      faults.push({ code: "rule-incomplete", path: [...path, "keep_versions"], message, fix: "add noncurrent_days" });
    } else if (expire_days === undefined && noncurrent_days === undefined && transition === undefined) {
      const message = `rule ${shownText(rule.id)} does nothing`;
      const fix = "add expire_days, noncurrent_days or transition, or remove the rule";
      faults.push({ code: "rule-does-nothing", path, message, fix });
    }
    if (transition === undefined) continue;
    if (expire_days !== undefined && transition.days >= expire_days) {
      const message = `moves objects at ${transition.days} days, but they expire at ${expire_days}`;
      const involved = [[...path, "expire_days"]];
      const fix = "move them earlier, or expire them later";
      faults.push({ code: "transition-after-expiry", path: [...path, "transition", "days"], involved, message, fix });
    }
    if (!/^[A-Z0-9][A-Z0-9_-]*$/.test(transition.tier) || /^(STANDARD|REDUCED_REDUNDANCY)$/.test(transition.tier)) {
      const message = `${shownText(transition.tier)} is no name of a tier: MinIO wants upper-case letters, digits, - and _, and keeps STANDARD and REDUCED_REDUNDANCY`;
      const fix = `use the name the operator gave the tier, for example ${shownText(tierLike(transition.tier))}`;
      faults.push({ code: "tier-name", path: [...path, "transition", "tier"], message, fix });
    }
  }
  return faults;
};

/** One expiry of the whole bucket: MinIO would obey the shorter one, and nobody would see which. */
export const oneExpiry: BucketRule = (view) => {
  const faults: Fault[] = [];
  let first: { what: string; paths: readonly Path[] } | null = null;
  const retention = cascaded("retention_days", view.bucket, view.group);
  if (retention !== undefined) first = { what: `retention_days: ${retention}`, paths: view.where("retention_days") };
  for (const { rule, path } of view.rules) {
    const whole = rule.prefix === undefined && Object.keys(rule.tags ?? {}).length === 0;
    if (!whole || rule.expire_days === undefined) continue;
    if (first !== null) {
      const message = `rule ${shownText(rule.id)} expires the whole bucket ${shownText(view.bucket.name)}, which ${first.what} does already`;
      const fix = "keep one of the two, or limit the rule by prefix or tags";
      faults.push({ code: "second-expiry", path: [...path, "expire_days"], involved: first.paths, message, fix });
    }
    first ??= { what: `rule ${shownText(rule.id)}`, paths: [[...path, "expire_days"]] };
  }
  return faults;
};

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
  const retention = cascaded("retention_days", view.bucket, view.group);
  const known = view.isKnown("retention_days") && view.isKnown("noncurrent_days");
  if (retention === undefined || !known) return [];
  const noncurrentDays = cascaded("noncurrent_days", view.bucket, view.group) ?? defaults.noncurrentDays;
  if (lock.days <= retention + noncurrentDays) return [];
  const message = `locks bucket ${shownText(view.bucket.name)} for ${lock.days} days, but its data is due to go after ${retention} (retention_days) + ${noncurrentDays} (noncurrent_days)`;
  const involved = [...view.where("retention_days"), ...view.where("noncurrent_days")];
  const fix = "shorten the lock, or lengthen retention_days or noncurrent_days";
  return [{ code: "lock-outlasts-data", path: [...path, "days"], involved, message, fix }];
};

function versioningFix(key: string): string {
  return `write versioning: true, or remove ${key}`;
}

function tierLike(tier: string): string {
  const name = tier.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "-");
  return name === tier || name === "" || name === "-" ? "GLACIER" : name;
}
