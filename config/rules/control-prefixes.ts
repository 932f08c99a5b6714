import { isSlip } from "../values/nearest.ts";

/** Where control files lie, beside data: each at the beginning of a key, and nothing else of a name that is nearly one of these. */
const CONTROL_PREFIXES = ["_cache", "_control", "_metadata", "_quality", "_schemas", "_specs"] as const;

/**
 * What is wrong with where a template puts control files; null where nothing is. Other names with `_` are a platform's own.
 * @param template whole and well-formed
 */
export function controlFault(template: string): { readonly message: string; readonly fix: string } | null {
  const [first = "", ...others] = template.split("/");
  const inside = others.find((segment) => isControl(segment));
  if (inside !== undefined) {
    const message = `has ${inside} below ${first}, and control files are looked for at the beginning of keys`;
    return { message, fix: `begin it with ${inside}/, or name the folder otherwise` };
  }
  if (!first.startsWith("_") || isControl(first)) return null;
  const meant = CONTROL_PREFIXES.find((each) => isSlip(first, each));
  if (meant === undefined) return null;
  return { message: `begins with ${first}, which is nearly ${meant}, where control files lie`, fix: `write ${meant}/` };
}

function isControl(segment: string): boolean {
  return CONTROL_PREFIXES.some((each) => each === segment);
}
