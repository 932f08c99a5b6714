import type { Node, Path } from "../tree.ts";

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

/** Values that no message may show. */
export function isSecret(path: Path): boolean {
  const key = path.at(-1);
  return key === "access_key" || key === "secret_key";
}

/** What a value is, without showing it. */
export function kindOf(node: Node): string {
  if (node.kind !== "scalar" || node.value === null) return shown(node);
  if (typeof node.value === "string") return "text";
  return typeof node.value === "number" ? "a number" : "true or false";
}
