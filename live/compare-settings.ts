import { isDeepStrictEqual } from "node:util";
import type { BucketSettings, LifecycleRule } from "../provider/bucket-types.ts";
import { canonicalPolicy, canonicalRule } from "./canonical.ts";
import { sameRights } from "./covering.ts";

/** A place in which the server isn't as the model says. Null is "none". */
export interface Difference {
  readonly setting: keyof BucketSettings | "bucket";
  /** `tags.layer`, `lifecycle.retention.Expiration.Days`; the setting itself where the whole of it differs. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What one bucket holds on the server. */
export interface Held {
  readonly settings: BucketSettings;
  /** What the server holds and no model can ask for, by path (`versioning.excludedPrefixes`). */
  readonly beyond: Readonly<Record<string, unknown>>;
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
    found.push({ setting: "versioning", path, expected: null, actual: value });
  }
  descend("tags", "tags", expected.tags, actual.tags, found);
  descend("lifecycle", "lifecycle", expected.lifecycle, actual.lifecycle, found);
  descend("objectLock", "objectLock", expected.objectLock, actual.objectLock, found);
  whole("encryption");
  if (!sameRights(expected.policy, actual.policy)) whole("policy");
  whole("quota");
  return found;
}

/** Rules by id; none, zero and empty are one. */
function meaningOf({ versioning, tags, lifecycle, objectLock, encryption, policy, quota }: BucketSettings) {
  const rules = lifecycle.map(canonicalRule).map(({ ID, ...rule }): [string, Omit<LifecycleRule, "ID">] => [ID, rule]);
  return {
    versioning,
    tags,
    lifecycle: Object.fromEntries(rules),
    objectLock,
    encryption,
    policy: policy?.Statement.length ? canonicalPolicy(policy) : undefined,
    quota: quota || undefined,
  };
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
    descend(setting, `${path}${step(key)}`, expected[key], actual[key], found);
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
