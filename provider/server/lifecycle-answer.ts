import type { LifecycleFilter, LifecycleRule } from "../bucket-types.ts";
import type { XmlElement } from "./xml.ts";

/**
 * A rule as one of ours: one flat filter, dates as ISO text. MinIO's own additions (`ExpiredObjectAllVersions`,
 * `DelMarkerExpiration`) can't be declared: they are read here, and are gone after the next write of their document.
 */
export function ruleOf(rule: XmlElement): LifecycleRule {
  const [expiration, noncurrent] = [rule.one("Expiration"), rule.one("NoncurrentVersionExpiration")];
  const [moved, movedLater] = [rule.one("Transition"), rule.one("NoncurrentVersionTransition")];
  const markers = rule.one("DelMarkerExpiration");
  return {
    ID: rule.text("ID") ?? "",
    Status: rule.text("Status") === "Enabled" ? "Enabled" : "Disabled",
    Filter: flatFilter(rule),
    ...(expiration && {
      Expiration: defined({
        Days: number(expiration, "Days"),
        Date: date(expiration),
        ExpiredObjectDeleteMarker: expiration.text("ExpiredObjectDeleteMarker") === "true" || undefined,
        ExpiredObjectAllVersions: expiration.text("ExpiredObjectAllVersions") === "true" || undefined,
      }),
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: defined({
        NoncurrentDays: number(noncurrent, "NoncurrentDays"),
        NewerNoncurrentVersions: number(noncurrent, "NewerNoncurrentVersions"),
      }),
    }),
    ...(moved && {
      Transition: defined({
        // MinIO leaves days of 0 out
        Days: number(moved, "Days") ?? (moved.one("Date") ? undefined : 0),
        Date: date(moved),
        StorageClass: moved.text("StorageClass") ?? "",
      }),
    }),
    ...(movedLater && {
      NoncurrentVersionTransition: {
        NoncurrentDays: number(movedLater, "NoncurrentDays") ?? 0,
        StorageClass: movedLater.text("StorageClass") ?? "",
      },
    }),
    ...(markers && { DelMarkerExpiration: { Days: number(markers, "Days") ?? 0 } }),
  };
}

/** One condition stands bare, several stand in `And`; a rule of the old kind has its prefix outside. */
function flatFilter(rule: XmlElement): LifecycleFilter {
  const [filter, and] = [rule.one("Filter"), rule.one("Filter", "And")];
  const tags = [...(filter?.all("Tag") ?? []), ...(and?.all("Tag") ?? [])];
  const size = (name: string) => [filter, and].map((each) => each && number(each, name)).find(Boolean);
  return defined({
    Prefix: filter?.text("Prefix") ?? and?.text("Prefix") ?? rule.text("Prefix"),
    Tags: tags.length > 0 ? tagsOf(tags) : undefined,
    ObjectSizeGreaterThan: size("ObjectSizeGreaterThan"),
    ObjectSizeLessThan: size("ObjectSizeLessThan"),
  });
}

/** Elements `Tag` as a record. */
export function tagsOf(tags: readonly XmlElement[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [tag.text("Key") ?? "", tag.text("Value") ?? ""]));
}

function number(element: XmlElement, name: string): number | undefined {
  const text = element.text(name);
  return text === undefined ? undefined : Number(text);
}

function date(element: XmlElement): string | undefined {
  const text = element.text("Date");
  return text === undefined ? undefined : new Date(text).toISOString();
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
