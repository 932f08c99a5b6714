/**
 * Text from specs, servers and users, made harmless for each output. This file is for terminals, logs and messages; the
 * files beside it are for one format each.
 */

/**
 * Characters that a reader doesn't see, or that reverse, hide or redraw what is seen: C0, C1, bidi, tags, zero width,
 * fillers, variation selectors, lone surrogates. An emoji may hold some of them; they are then shown as escapes.
 */
export const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** One line in which every hidden character stands as `\u{202e}`, line breaks included. */
export function plainText(text: string): string {
  return text.replaceAll(HIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** As `plainText`, for text that has lines and tabs of its own. */
export function plainLines(text: string): string {
  return text.replaceAll(HIDDEN, (character) => (/[\n\t]/.test(character) ? character : plainText(character)));
}

/** As `plainText`; line breaks and tabs become blanks. */
export function oneLine(text: string): string {
  return plainText(text.replaceAll(/[\n\r\t]/g, " "));
}
