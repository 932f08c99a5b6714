import type { Node, Path } from "../document/source-tree.ts";
import { plain } from "../values/nearest.ts";

const LONGEST = 60;

/** A value as messages show it, with its type where that is the point. */
export function shown(node: Node): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a map";
  if (node.kind === "faulty" || node.value === null) return "nothing";
  const from = node.variables === undefined ? "" : ` (from ${node.variables.join(", ")})`;
  const text = typeof node.value === "string" ? shownText(node.value) : (node.source ?? String(node.value));
  return `${text}${from}`;
}

/** Text in quotes, anything else as it is; cut where it is long. */
export function shownText(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const text = value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value;
  return JSON.stringify(text);
}

/**
 * Values that no message may show: credentials, wherever somebody writes them, and what stands in the place of an
 * identity, which may be its password.
 */
export function isSecret(path: Path): boolean {
  if (isCredential(String(path.at(-1)))) return true;
  const below = path.slice(path[0] === "environments" ? 2 : 0);
  return below.length === 3 && below[0] === "access" && (below[1] === "users" || below[1] === "service_accounts");
}

/** Where the keys of identities come from, since no spec holds them. */
export const credentialFix = "remove it: keys are made by the first `up`, `bucketworks key show` hands them over";

/** True for the name of a key or a password. */
export function isCredential(key: string): boolean {
  return /^(?:access|secret|root)?(?:key|password|secret|token)$/.test(plain(key));
}

/** What a value is, without showing it. */
export function kindOf(node: Node): string {
  if (node.kind !== "scalar" || node.value === null) return shown(node);
  if (typeof node.value === "string") return "text";
  return typeof node.value === "number" ? "a number" : "true or false";
}
