import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { cascaded } from "../resolve/cascade.ts";
import type { RuleSpec } from "../schema/bucket.ts";
import { FOREVER } from "../schema/cascading-settings.ts";
import { shownText } from "../schema/values.ts";
import { isTierName } from "../values/tier-name.ts";
import type { BucketRule } from "./rule.ts";
import type { BucketView } from "./stage-view.ts";

const RULE_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/;
/** The rules that settings stand for, by id. */
const OWN_RULES: ReadonlyMap<string, string> = new Map([
  ["retention", "retention_days"],
  ["noncurrent", "noncurrent_days"],
]);

/** What MinIO holds in one bucket, without the two rules that settings stand for. */
const MOST_RULES = 998;

/** Ids: well-formed, not ours, each once in a bucket; and no more rules than the server takes. */
export const ruleIds: BucketRule = ({ rules, path: bucketPath }) => {
  const faults: Fault[] = [];
  if (rules.length > MOST_RULES) {
    const message = `must hold at most ${MOST_RULES} rules, got ${rules.length}: MinIO takes 1000 in a bucket, with those of retention_days and noncurrent_days`;
    const fix = "let one rule reach several prefixes, or make several buckets";
    faults.push({ code: "out-of-range", path: [...bucketPath, "lifecycle"], message, fix });
  }
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
    if (!isTierName(transition.tier)) {
      const message = `${shownText(transition.tier)} is no name of a tier: MinIO wants upper-case letters, digits, - and _, and keeps STANDARD and REDUCED_REDUNDANCY`;
      const fix = `use the name the operator gave the tier, for example ${shownText(tierLike(transition.tier))}`;
      faults.push({ code: "tier-name", path: [...path, "transition", "tier"], message, fix });
    }
  }
  return faults;
};

/** What ends the life of all current versions of a bucket. */
export interface Expiry {
  readonly days: number;
  /** In the words of the spec, `retention_days` or `rule "all"`. */
  readonly what: string;
  /** Where its value stands, or could stand. */
  readonly paths: readonly Path[];
}

/** `retention_days`, else the rule that expires the whole bucket; null where neither is there, or known. */
export function wholeBucketExpiry(view: BucketView): Expiry | null {
  if (!view.isKnown("retention_days")) return null;
  const retention = cascaded("retention_days", view.bucket, view.group);
  if (retention !== undefined) return { days: retention, what: "retention_days", paths: view.where("retention_days") };
  for (const { rule, path } of enabledRules(view)) {
    if (rule.expire_days === undefined || !isWhole(rule)) continue;
    return { days: rule.expire_days, what: `rule ${shownText(rule.id)}`, paths: [[...path, "expire_days"]] };
  }
  return null;
}

/** What ends the life of all noncurrent versions of a bucket, the earliest; null where they stay for ever. */
export function wholeBucketNoncurrent(view: BucketView): Expiry | null {
  const own = cascaded("noncurrent_days", view.bucket, view.group) ?? defaults.noncurrentDays;
  const causes: Expiry[] =
    own === FOREVER ? [] : [{ days: own, what: "noncurrent_days", paths: view.where("noncurrent_days") }];
  for (const { rule, path } of enabledRules(view)) {
    if (rule.noncurrent_days === undefined || rule.keep_versions !== undefined || !isWhole(rule)) continue;
    const what = `noncurrent_days of rule ${shownText(rule.id)}`;
    causes.push({ days: rule.noncurrent_days, what, paths: [[...path, "noncurrent_days"]] });
  }
  return causes.sort((a, b) => a.days - b.days)[0] ?? null;
}

/** Rules that act: one that is disabled neither overtakes another nor contradicts it. */
export function enabledRules({ rules }: BucketView): BucketView["rules"] {
  return rules.filter(({ rule }) => rule.enabled ?? defaults.ruleEnabled);
}

/** True for a rule that is limited to nothing. */
export function isWhole({ prefix, tags = {} }: RuleSpec): boolean {
  return prefix === undefined && Object.keys(tags).length === 0;
}

/** One expiry of the same objects: MinIO would obey the shorter one, and nobody would see which. */
export const oneExpiry: BucketRule = (view) => {
  const faults: Fault[] = [];
  const first = new Map<string, { what: string; paths: readonly Path[] }>();
  const retention = cascaded("retention_days", view.bucket, view.group);
  if (retention !== undefined)
    first.set(filterOf({}), { what: `retention_days: ${retention}`, paths: view.where("retention_days") });
  for (const { rule, path } of enabledRules(view)) {
    if (rule.expire_days === undefined) continue;
    const filter = filterOf(rule);
    const before = first.get(filter);
    const at = [...path, "expire_days"];
    if (before === undefined) {
      first.set(filter, { what: `rule ${shownText(rule.id)}`, paths: [at] });
      continue;
    }
    const what = isWhole(rule) ? `the whole bucket ${shownText(view.bucket.name)}` : "the same prefix and tags";
    const message = `rule ${shownText(rule.id)} expires ${what}, which ${before.what} does already`;
    const fix = isWhole(rule) ? "keep one of the two, or limit the rule by prefix or tags" : "keep one of the two";
    faults.push({ code: "second-expiry", path: at, involved: before.paths, message, fix });
  }
  return faults;
};

function filterOf({ prefix = "", tags = {} }: Pick<RuleSpec, "prefix" | "tags">): string {
  return JSON.stringify([prefix, ...Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function tierLike(tier: string): string {
  const name = tier.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "-");
  return name === tier || name === "" || name === "-" ? "GLACIER" : name;
}
