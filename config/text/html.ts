import { oneLine } from "./plain.ts";

/** Longest text shown, in characters; what is longer ends in an ellipsis. */
const LIMIT = 300;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text of an element or of a quoted attribute, on one line: no markup, no entity, hidden characters as their escapes. */
export function htmlText(text: string): string {
  const line = oneLine(text);
  const cut = line.length <= LIMIT ? line : `${line.slice(0, LIMIT).replace(/[\uD800-\uDBFF]$/, "")}…`;
  return cut.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
