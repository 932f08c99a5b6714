import { isDeepStrictEqual } from "node:util";
import { eventNames, targetOf } from "../config/values/notifications.ts";
import type { BucketSettings, LifecycleRule, ObjectLock } from "../provider/bucket-types.ts";
import { canonicalPolicy, canonicalRule } from "./canonical.ts";
import { sameRights } from "./covering.ts";

const DAYS_OF_A_YEAR = 365;

/** A place in which the server isn't as the model says. Null is "none". */
export interface Difference {
  readonly setting: keyof BucketSettings | "bucket" | "replication";
  /** `tags.layer`, `lifecycle.retention.Expiration.Days`; the setting itself where the whole of it differs. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What one bucket holds on the server. */
export interface Held {
  readonly settings: BucketSettings;
  /** What the server holds and no model can ask for, by path (`versioning.excludedPrefixes`, `quota.rate`). */
  readonly beyond: Readonly<Record<string, unknown>>;
  readonly notifications: readonly LiveNotification[];
}

export interface LiveNotification {
  /** ARN of the queue, topic or function that is told. */
  readonly target: string;
  readonly events: readonly string[];
  /** `""` is every object. */
  readonly prefix: string;
  readonly suffix: string;
}

/** The differences in meaning: order, single values instead of lists and such make none. */
export function compareSettings(wanted: BucketSettings, held: Held): Difference[] {
  const [expected, actual] = [meaningOf(wanted), meaningOf(held.settings)];
  const found: Difference[] = [];
  const whole = (setting: "versioning" | "encryption" | "policy" | "quota"): void => {
    if (!isDeepStrictEqual(expected[setting], actual[setting])) {
      found.push({ setting, path: setting, ...sides(expected[setting], actual[setting]) });
    }
  };
  whole("versioning");
  for (const [path, value] of Object.entries(held.beyond)) {
    const [setting] = path.split(".", 1) as ["versioning" | "quota"];
    found.push({ setting, path, expected: null, actual: value });
  }
  descend("tags", "tags", expected.tags, actual.tags, found);
  descend("lifecycle", "lifecycle", ...renamed(expected.lifecycle, actual.lifecycle), found);
  descend("objectLock", "objectLock", expected.objectLock, actual.objectLock, found);
  whole("encryption");
  if (!sameRights(expected.policy, actual.policy)) whole("policy");
  whole("quota");
  if (wanted.notifications !== undefined)
    descend("notifications", "notifications", toldOf(wanted.notifications), toldOf(held.notifications), found);
  return found;
}

/** What each target is told of, by its name and the keys that it is limited to. */
function toldOf(rules: readonly Told[]): Readonly<Record<string, readonly string[]>> {
  const told = new Map<string, readonly string[]>();
  for (const { target, events, prefix, suffix } of rules) {
    const limits = [...(prefix ? [`prefix ${prefix}`] : []), ...(suffix ? [`suffix ${suffix}`] : [])];
    const who = [targetOf(target), ...limits].join(" ");
    told.set(who, eventNames([...(told.get(who) ?? []), ...events]));
  }
  return Object.fromEntries(told);
}

type Told = Pick<LiveNotification, "target" | "events"> & {
  readonly prefix?: string;
  readonly suffix?: string;
};

type Rules = Readonly<Record<string, Omit<LifecycleRule, "ID">>>;

/** Rules by id, whose order tells nothing; none, zero and empty are one. */
function meaningOf({ versioning, tags, lifecycle, objectLock, encryption, policy, quota }: BucketSettings) {
  const rules = new Map<string, Omit<LifecycleRule, "ID">>();
  for (const { ID, ...rule } of lifecycle.map(canonicalRule)) {
    // MinIO gives each rule an id of its own, another server may give none
    let id = ID;
    for (let count = 2; rules.has(id); count++) id = `${ID} ${count}`;
    rules.set(id, rule);
  }
  return {
    versioning,
    tags,
    lifecycle: Object.fromEntries(rules) as Rules,
    objectLock: objectLock && inDays(objectLock),
    encryption,
    policy: policy?.Statement.length ? canonicalPolicy(policy) : undefined,
    quota: quota || undefined,
  };
}

/** Specs count a lock in days alone; a year that a server counts has 365 of them, or one more. */
function inDays({ days, years, ...rest }: ObjectLock): ObjectLock {
  if (years !== undefined) return { ...rest, days: years * DAYS_OF_A_YEAR };
  return days === undefined ? rest : { ...rest, days };
}

/** Without the rules that both sides have under another id: they act alike. */
function renamed(expected: Rules, actual: Rules): [Rules, Rules] {
  const [wanted, held] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))];
  const only = (rules: Map<string, unknown>, others: Rules) => [...rules].filter(([id]) => !Object.hasOwn(others, id));
  for (const [id, rule] of only(wanted, actual)) {
    const same = only(held, expected).find(([, each]) => isDeepStrictEqual(each, rule));
    if (same === undefined) continue;
    wanted.delete(id);
    held.delete(same[0]);
  }
  return [Object.fromEntries(wanted), Object.fromEntries(held)];
}

function descend(
  setting: Difference["setting"],
  path: string,
  expected: unknown,
  actual: unknown,
  found: Difference[],
): void {
  if (isDeepStrictEqual(expected, actual)) return;
  if (!isRecord(expected) || !isRecord(actual)) {
    found.push({ setting, path, ...sides(expected, actual) });
    return;
  }
  for (const key of [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()) {
    const [wanted, held] = [expected, actual].map((side) => (Object.hasOwn(side, key) ? side[key] : undefined));
    descend(setting, `${path}${step(key)}`, wanted, held, found);
  }
}

function sides(expected: unknown, actual: unknown): { expected: unknown; actual: unknown } {
  return { expected: expected ?? null, actual: actual ?? null };
}

/** A key that isn't plain is quoted. */
function step(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
