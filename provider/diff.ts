import { isDeepStrictEqual } from "node:util";
import type { BucketInputs, BucketSettings, Declared, LifecycleRule } from "./bucket-types.ts";
import { canonicalSettings } from "./canonical.ts";

export type ChangeKind = "add" | "delete" | "update";

/** Property path in Pulumi's notation (`tags.owner`, `lifecycle[1].Expiration.Days`) -> what happens there. */
export type Changes = Map<string, ChangeKind>;

/** Every setting that lives on the server, in the order in which it is written there. */
export const SETTINGS = [
  "versioning",
  "versioningExclusions",
  "objectLock",
  "encryption",
  "tags",
  "lifecycle",
  "policy",
  "quota",
  "notifications",
] as const satisfies readonly (keyof BucketSettings)[];

export type Setting = (typeof SETTINGS)[number];

/** The settings in which two sides differ in meaning. Notifications that nobody asks for are left as they are. */
export function changedSettings(from: BucketSettings, to: BucketSettings): Setting[] {
  const [before, after] = [canonicalSettings(from), canonicalSettings(to)];
  const owned = SETTINGS.filter((setting) => setting !== "notifications" || after.notifications !== undefined);
  return owned.filter((setting) => !isDeepStrictEqual(before[setting], after[setting]));
}

/** What the stack had set is taken away by leaving it out; what it had not is nobody's of ours. */
export function endedNotifications<T extends BucketSettings>(before: Partial<BucketSettings>, after: T): T {
  return before.notifications === undefined || after.notifications !== undefined
    ? after
    : { ...after, notifications: [] };
}

/**
 * What an update from the last known state to new inputs would change. `declared.platform`, `declared.naming` and `adopt`
 * are left out: moving a bucket to another file, another naming of its platform, or consenting to a take-over that has
 * happened, changes nothing.
 */
export function changes(from: BucketInputs, to: BucketInputs): Changes {
  const found: Changes = new Map();
  const [before, after] = [canonicalSettings(from), canonicalSettings(to)];
  for (const setting of SETTINGS) {
    if (setting === "notifications") compareNotifications(before.notifications, after.notifications, found);
    else if (setting === "lifecycle") compareRules(before.lifecycle, after.lifecycle, found);
    else compare(setting, before[setting], after[setting], found);
  }
  compare("declared", comparable(from.declared), comparable(to.declared), found);
  return found;
}

function comparable(declared: Declared | undefined): Omit<Declared, "platform" | "naming"> | undefined {
  if (declared === undefined) return undefined;
  const { platform: _platform, naming: _naming, ...rest } = declared;
  return rest;
}

/**
 * Rules by their id: one that came or went moves the others, which changes nothing of them. A path has the place of the
 * rule after the change, or before it where it is gone. Where ids tell nothing apart, place by place.
 */
function compareRules(before: readonly LifecycleRule[], after: readonly LifecycleRule[], found: Changes): void {
  const [olds, news] = [before, after].map((rules) => new Map(rules.map((rule) => [rule.ID, rule])));
  if (olds?.size !== before.length || news?.size !== after.length) {
    compare("lifecycle", before, after, found);
    return;
  }
  for (const [index, { ID }] of before.entries()) if (!news.has(ID)) found.set(`lifecycle[${index}]`, "delete");
  for (const [index, rule] of after.entries()) {
    const path = `lifecycle[${index}]`;
    const old = olds.get(rule.ID);
    // the engine looks up both sides in one place: a rule that moved is told whole, or it would show another one's values
    if (old === undefined) found.set(path, found.has(path) ? "update" : "add");
    else if (before[index]?.ID === rule.ID) compare(path, old, rule, found);
    else if (!isDeepStrictEqual(old, rule)) found.set(path, "update");
  }
}

/** Leaving them out is the same as none, where there are none. */
function compareNotifications(
  before: BucketSettings["notifications"],
  after: BucketSettings["notifications"],
  found: Changes,
): void {
  if (before?.length === 0 && after === undefined) return;
  compare("notifications", before, after, found);
}

/** What differs between two plain values, by paths below the given one. */
export function compare(path: string, before: unknown, after: unknown, found: Changes): void {
  if (isDeepStrictEqual(before, after)) return;
  if (before === undefined) found.set(path, "add");
  else if (after === undefined) found.set(path, "delete");
  else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) {
      compare(`${path}[${i}]`, before[i], after[i], found);
    }
  } else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [old, now] = [before, after].map((side) => (Object.hasOwn(side, key) ? side[key] : undefined));
      compare(`${path}${step(key)}`, old, now, found);
    }
  } else found.set(path, "update");
}

/** A key that isn't a plain word is quoted, as Pulumi's property paths want it. */
function step(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
