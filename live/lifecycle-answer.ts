import type { LifecycleFilter, LifecycleRule } from "../provider/bucket-types.ts";
import { child, children, childText, type Element, names, text } from "./xml.ts";

const NUMBERS = new Set([
  "Days",
  "NoncurrentDays",
  "NewerNoncurrentVersions",
  "ObjectSizeGreaterThan",
  "ObjectSizeLessThan",
]);
const FLAGS = new Set(["ExpiredObjectDeleteMarker", "ExpiredObjectAllVersions"]);

/** The rules of a `LifecycleConfiguration`. */
export function lifecycleOf(configuration: Element): LifecycleRule[] {
  return children(configuration, "Rule").map(ruleOf);
}

/**
 * Filter and legacy prefix become one flat filter; everything else keeps its element's name. An element that no model
 * can ask for (`ExpiredObjectAllVersions`, `DelMarkerExpiration`: MinIO's own) stays in the rule, so that comparing
 * shows it.
 */
function ruleOf(rule: Element): LifecycleRule {
  const read: Record<string, unknown> = { ID: "", Filter: filterOf(rule) };
  for (const name of names(rule)) {
    if (name === "Filter" || name === "Prefix") continue;
    const values = children(rule, name).map((element) => withDays(name, settingOf(name, element)));
    read[name] = values.length === 1 ? values[0] : values;
  }
  return read as unknown as LifecycleRule;
}

/** MinIO leaves days of 0 out where objects move at once. */
function withDays(name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (name === "Transition" && !("Days" in value) && !("Date" in value)) return { Days: 0, ...value };
  return name === "NoncurrentVersionTransition" && !("NoncurrentDays" in value)
    ? { NoncurrentDays: 0, ...value }
    : value;
}

function settingOf(name: string, element: Element): unknown {
  if (NUMBERS.has(name)) return Number(text(element));
  if (FLAGS.has(name)) return text(element) === "true";
  if (typeof element === "string") return text(element);
  return Object.fromEntries(
    names(element)
      .map((inner) => [inner, settingOf(inner, child(element, inner) ?? "")] as const)
      .filter(([, value]) => value !== false),
  );
}

/** One condition stands bare, several stand in `And`; a rule of the old kind has its prefix outside. */
function filterOf(rule: Element): LifecycleFilter {
  const filter = child(rule, "Filter");
  const and = child(filter, "And");
  const found = (name: string): string | undefined => childText(filter, name) ?? childText(and, name);
  const tags = [...children(filter, "Tag"), ...children(and, "Tag")];
  const prefix = found("Prefix") ?? childText(rule, "Prefix");
  const [greater, less] = [found("ObjectSizeGreaterThan"), found("ObjectSizeLessThan")];
  return {
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(tags.length > 0 && { Tags: tagsOf(tags) }),
    ...(greater !== undefined && Number(greater) > 0 && { ObjectSizeGreaterThan: Number(greater) }),
    ...(less !== undefined && Number(less) > 0 && { ObjectSizeLessThan: Number(less) }),
  };
}

/** Tag elements as a record. */
export function tagsOf(tags: readonly Element[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [childText(tag, "Key") ?? "", childText(tag, "Value") ?? ""]));
}
