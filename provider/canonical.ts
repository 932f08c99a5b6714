import { eventNames } from "../config/values/notifications.ts";
import type { BucketInputs, BucketSettings, LifecycleRule, Notification, PolicyDocument } from "./bucket-types.ts";

/**
 * One form for all documents that mean the same, so that comparing is comparing text: the order of rules, tags,
 * actions and statements, single values instead of lists, and keys without a value make no difference.
 */
export function canonicalInputs(inputs: BucketInputs): BucketInputs {
  return { ...inputs, ...canonicalSettings(inputs) };
}

/** See `canonicalInputs`. */
export function canonicalSettings(settings: BucketSettings): BucketSettings {
  const { versioningExclusions, objectLock, encryption, policy, quota, notifications } = settings;
  return {
    versioning: settings.versioning,
    ...(versioningExclusions?.length && { versioningExclusions }),
    tags: sortKeys(settings.tags),
    lifecycle: settings.lifecycle.map(canonicalRule).sort((a, b) => order(a.ID, b.ID)),
    ...(objectLock && { objectLock }),
    ...(encryption && { encryption }),
    ...(policy && policy.Statement.length > 0 && { policy: canonicalPolicy(policy) }),
    ...(quota && { quota }),
    ...(notifications && { notifications: canonicalNotifications(notifications) }),
  };
}

function canonicalRule(rule: LifecycleRule): LifecycleRule {
  const { Prefix, Tags, ...sizes } = rule.Filter;
  return {
    ...rule,
    Filter: {
      ...(Prefix && { Prefix }),
      ...(Tags && Object.keys(Tags).length > 0 && { Tags: sortKeys(Tags) }),
      ...sizes,
    },
  };
}

/** One rule for each target and the keys that it is limited to: the server tells it once, however many rules say so. */
function canonicalNotifications(given: readonly Notification[]): Notification[] {
  const rules = new Map<string, Notification>();
  for (const { target, events, prefix = "", suffix = "" } of given) {
    const who = JSON.stringify([target, prefix, suffix]);
    const all = eventNames([...(rules.get(who)?.events ?? []), ...events]);
    rules.set(who, { target, events: all, ...(prefix && { prefix }), ...(suffix && { suffix }) });
  }
  return [...rules.values()].sort(byText);
}

/** MinIO keeps actions, resources, principals and condition values as sets and sends them back as lists. */
export function canonicalPolicy(policy: PolicyDocument): PolicyDocument {
  return {
    Version: policy.Version,
    Statement: policy.Statement.map(canonicalStatement).sort(byText),
  };
}

const SETS = ["Action", "NotAction", "Resource", "NotResource"] as const;

function canonicalStatement(statement: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = { ...statement };
  for (const key of SETS) if (result[key] !== undefined) result[key] = asSet(result[key]);
  for (const key of ["Principal", "NotPrincipal"] as const) {
    if (result[key] !== undefined) result[key] = canonicalPrincipal(result[key]);
  }
  if (result.Condition !== undefined) result.Condition = canonicalCondition(result.Condition);
  if (result.Sid === "") delete result.Sid;
  return sortKeys(result);
}

function canonicalPrincipal(principal: unknown): unknown {
  if (principal === "*") return { AWS: ["*"] };
  return mapValues(principal, asSet);
}

function canonicalCondition(condition: unknown): unknown {
  return mapValues(condition, (tests) => mapValues(tests, (values) => asSet(values).map(String).sort(order)));
}

function asSet(value: unknown): unknown[] {
  const list = Array.isArray(value) ? value : [value];
  return [...new Set(list)].sort((a, b) => order(String(a), String(b)));
}

function mapValues(value: unknown, map: (item: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return sortKeys(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)])));
}

function sortKeys<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => order(a, b)));
}

function byText(a: unknown, b: unknown): number {
  return order(JSON.stringify(a), JSON.stringify(b));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
