import { defaults } from "../defaults.ts";
import { type Path, placeOf } from "../document/source-tree.ts";
import type { ErrorCode } from "../error-codes.ts";
import type { Fault } from "../issues.ts";
import { cascaded } from "../resolve/cascade.ts";
import type { RuleSpec } from "../schema/bucket.ts";
import { FOREVER } from "../schema/cascading-settings.ts";
import { shownText } from "../schema/values.ts";
import { type Expiry, enabledRules, isWhole, wholeBucketExpiry } from "./lifecycle-rules.ts";
import type { DocumentRule } from "./rule.ts";
import type { BucketView, View } from "./stage-view.ts";

/**
 * Rules that never come to act, because something wider acts before. An overlay that shortens the life of all data
 * may overtake rules of the file: that is what it is for.
 */
export const idleRules: DocumentRule = (view) =>
  view.buckets.flatMap((bucket) =>
    enabledRules(bucket).flatMap(({ rule, path }) => [
      ...idleExpiry(view, bucket, rule, path),
      ...idleTransition(view, bucket, rule, path),
      ...idleNoncurrent(view, bucket, rule, path),
    ]),
  );

function idleExpiry(view: View, bucket: BucketView, rule: RuleSpec, path: Path): Fault[] {
  const days = rule.expire_days;
  const cause = days === undefined || isWhole(rule) ? null : earliestExpiry(bucket, rule);
  if (days === undefined || cause === null || cause.days > days) return [];
  const message = `rule ${shownText(rule.id)} expires objects at ${days} days, but ${cause.what} does so at ${cause.days}`;
  const fix = cause.days > 1 ? `choose fewer than ${cause.days} days, or remove it` : "remove it";
  return idle(view, "rule-has-no-effect", [...path, "expire_days"], cause, { message, fix });
}

function idleTransition(view: View, bucket: BucketView, rule: RuleSpec, path: Path): Fault[] {
  const days = rule.transition?.days;
  const cause = earliestExpiry(bucket, rule);
  if (days === undefined || cause === null || cause.days >= days) return [];
  const message = `rule ${shownText(rule.id)} moves objects at ${days} days, but ${cause.what} expires them at ${cause.days}`;
  const fix = "move them earlier, or expire them later";
  return idle(view, "transition-after-expiry", [...path, "transition", "days"], cause, { message, fix });
}

/** A rule that says the same as the bucket is no contradiction: it gives the setting a name that somebody asked for. */
function idleNoncurrent(view: View, bucket: BucketView, rule: RuleSpec, path: Path): Fault[] {
  const days = rule.noncurrent_days;
  if (days === undefined || !bucket.versioning || !bucket.isKnown("noncurrent_days")) return [];
  const own = cascaded("noncurrent_days", bucket.bucket, bucket.group);
  const most = own ?? defaults.noncurrentDays;
  if (most === FOREVER || days < most || (days === most && rule.keep_versions === undefined)) return [];
  const what = own === undefined ? "the default of noncurrent_days" : "noncurrent_days of the bucket";
  const message = `rule ${shownText(rule.id)} removes noncurrent versions at ${days} days, but ${what} does so at ${most}`;
  const fix = `choose fewer than ${most} days, or give the bucket more than ${days}`;
  const cause = { days: most, what, paths: bucket.where("noncurrent_days") };
  return idle(view, "rule-has-no-effect", [...path, "noncurrent_days"], cause, { message, fix });
}

function idle(
  view: View,
  code: ErrorCode,
  path: Path,
  cause: Expiry,
  { message, fix }: { message: string; fix: string },
): Fault[] {
  const isOverlay = (at: Path): boolean => placeOf(view.root, at).stage !== null;
  const overtaken = cause.paths.some(isOverlay) && !isOverlay(path);
  return overtaken ? [] : [{ code, path, involved: cause.paths, message, fix }];
}

/** The earliest expiry of something strictly wider than what the rule is limited to. */
function earliestExpiry(bucket: BucketView, rule: RuleSpec): Expiry | null {
  const causes: Expiry[] = [];
  const whole = wholeBucketExpiry(bucket);
  const isRuleItself = isWhole(rule) && rule.expire_days !== undefined;
  if (whole !== null && !isRuleItself) causes.push(whole);
  for (const { rule: other, path } of enabledRules(bucket)) {
    // an empty prefix is a fault of its own
    if (other.expire_days === undefined || other.prefix === "" || isWhole(other) || !isWider(other, rule)) continue;
    causes.push({ days: other.expire_days, what: `rule ${shownText(other.id)}`, paths: [[...path, "expire_days"]] });
  }
  return causes.sort((a, b) => a.days - b.days)[0] ?? null;
}

function isWider(wide: RuleSpec, narrow: RuleSpec): boolean {
  const [outer, inner] = [wide.tags ?? {}, narrow.tags ?? {}];
  const covers = Object.entries(outer).every(([key, value]) => Object.hasOwn(inner, key) && inner[key] === value);
  if (!(narrow.prefix ?? "").startsWith(wide.prefix ?? "") || !covers) return false;
  return (wide.prefix ?? "") !== (narrow.prefix ?? "") || Object.keys(outer).length < Object.keys(inner).length;
}
