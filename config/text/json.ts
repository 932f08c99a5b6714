import { HIDDEN, plainText } from "./plain.ts";

/** JSON with line breaks, in which every hidden character stands as its escape: the value stays the same. */
export function plainJson(value: object): string {
  return JSON.stringify(value, null, 2).replaceAll(HIDDEN, (character) =>
    character === "\n" ? character : character.split("").map(escapedUnit).join(""),
  );
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A message of a SARIF log that is text alone: no embedded link, no placeholder.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html 3.11.5 and 3.11.6
 */
export function sarifMessage(text: string): string {
  return plainText(text)
    .replaceAll(/[\\[\]]/g, "\\$&")
    .replaceAll(/\{(\d+)\}/g, "{{$1}}");
}
