/**
 * Characters that a reader doesn't see, or that turn around, hide or redraw what is seen: C0, C1, bidi, tags, zero width,
 * fillers, selectors of variants. An emoji may hold the latter, and is shown with them as escapes.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Text as one line that shows all it holds: what can't be seen stands as `\u{202e}`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** As `visible`, of text that has lines and tabs of its own. */
export function visibleLines(text: string): string {
  return text.replaceAll(HIDDEN, (character) => (/[\n\t]/.test(character) ? character : visible(character)));
}

/** JSON of the same value in which nothing is hidden: within JSON an escape means its character. */
export function visibleJson(json: string): string {
  return json.replaceAll(HIDDEN, (character) =>
    character === "\n" ? character : character.split("").map(escapedUnit).join(""),
  );
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
