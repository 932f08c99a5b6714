import { isDeepStrictEqual } from "node:util";
import type { Bucket, LifecycleRule } from "../config/model.ts";
import type { Weaker } from "./change.ts";
import { code, joined, type Markdown, md } from "./markdown.ts";

/** Where the server will delete objects or versions that it kept before. */
export function deletionChanges(was: Bucket, is: Bucket): Weaker[] {
  // one that is disabled deletes nothing: enabling it is as adding it
  const former = new Map(was.lifecycle.filter(({ enabled }) => enabled).map((rule) => [rule.id, rule]));
  return [
    ...retention(was, is),
    ...noncurrent(was, is),
    ...is.lifecycle.filter(({ enabled }) => enabled).flatMap((rule) => ruleChanges(former.get(rule.id), rule)),
  ];
}

function sooner(settings: readonly string[], text: Markdown): Weaker {
  return { risk: "retention", text, settings };
}

function retention({ retentionDays: was }: Bucket, { retentionDays: is }: Bucket): Weaker[] {
  if (!isSooner(was, is)) return [];
  return [
    sooner(
      ["retentionDays"],
      md`objects are deleted after ${days(is)} instead of ${kept(was)}; what is older goes at once`,
    ),
  ];
}

/** Where versioning was off there are no former versions to lose. */
function noncurrent(was: Bucket, is: Bucket): Weaker[] {
  if (!was.versioning || !is.versioning || !isSooner(was.noncurrentDays, is.noncurrentDays)) return [];
  const text = md`former versions are deleted after ${days(is.noncurrentDays)} instead of ${kept(was.noncurrentDays)}`;
  return [sooner(["noncurrentDays"], text)];
}

/** A rule that moved to other objects is a new one there. */
function ruleChanges(was: LifecycleRule | undefined, is: LifecycleRule): Weaker[] {
  const settings = [`lifecycle.${is.id}`];
  const same = was !== undefined && was.prefix === is.prefix && isDeepStrictEqual(was.tags, is.tags);
  const texts = same ? shortened(was, is) : added(is);
  const place = same || was === undefined ? md`` : md`, which limited itself to ${scope(was)} before,`;
  return texts.map((text) => sooner(settings, md`rule ${is.id}${place} ${text}`));
}

function added(is: LifecycleRule): Markdown[] {
  const of = scope(is);
  return [
    ...(is.expireDays === null ? [] : [md`deletes objects ${of} after ${days(is.expireDays)}`]),
    ...(is.noncurrentDays === null && is.keepVersions === null
      ? []
      : [md`deletes former versions ${of}${versionsText(is)}`]),
  ];
}

function shortened(was: LifecycleRule, is: LifecycleRule): Markdown[] {
  const of = scope(is);
  const versions = [was, is].some(({ noncurrentDays, keepVersions }) => noncurrentDays ?? keepVersions);
  return [
    ...(isSooner(was.expireDays, is.expireDays)
      ? [md`deletes objects ${of} after ${days(is.expireDays)} instead of ${kept(was.expireDays)}`]
      : []),
    ...(versions && fewerVersions(was, is)
      ? [
          md`deletes former versions ${of}${versionsText(is)}; before:${deletesVersions(was) ? versionsText(was) : md` none`}`,
        ]
      : []),
  ];
}

/** True where some former version that stayed goes now, or goes earlier. */
function fewerVersions(was: LifecycleRule, is: LifecycleRule): boolean {
  if (!deletesVersions(is)) return false;
  if (!deletesVersions(was)) return true;
  return (is.noncurrentDays ?? 0) < (was.noncurrentDays ?? 0) || (is.keepVersions ?? 0) < (was.keepVersions ?? 0);
}

function deletesVersions({ noncurrentDays, keepVersions }: LifecycleRule): boolean {
  return noncurrentDays !== null || keepVersions !== null;
}

function versionsText({ noncurrentDays, keepVersions }: LifecycleRule): Markdown {
  const age = noncurrentDays === null ? md`` : md` after ${days(noncurrentDays)}`;
  return keepVersions === null ? age : md`${age} beyond the newest ${keepVersions}`;
}

/** `of the whole bucket`, ``below `cache/` tagged `a=b` ``. */
function scope({ prefix, tags }: LifecycleRule): Markdown {
  const below = prefix === "" ? md`of the whole bucket` : md`below ${prefix}`;
  const tagged = Object.entries(tags).map(([key, value]) => code(`${key}=${value}`));
  return tagged.length === 0 ? below : md`${below} tagged ${joined(tagged, ", ")}`;
}

/** Null keeps for ever. */
function isSooner(was: number | null, is: number | null): is is number {
  return is !== null && (was === null || is < was);
}

function kept(limit: number | null): Markdown {
  return limit === null ? md`never` : md`${limit}`;
}

function days(count: number): Markdown {
  return count === 1 ? md`1 day` : md`${count} days`;
}
