import { HIDDEN } from "../text/plain.ts";
import { codePoint } from "./yaml-mistakes.ts";

/** A character that reads like another one, or like nothing. */
export interface LookAlike {
  readonly character: string;
  /** `U+0430 CYRILLIC SMALL LETTER A, which looks like a` */
  readonly words: string;
  /** The text as it was meant. */
  readonly meant: string;
}

/** Characters that read like one of ASCII, or like none: code point, what it reads like, its name. */
const TABLE = `
0009 blank CHARACTER TABULATION
000A nothing LINE FEED
00A0 blank NO-BREAK SPACE
00AD nothing SOFT HYPHEN
0131 i LATIN SMALL LETTER DOTLESS I
0251 a LATIN SMALL LETTER ALPHA
0261 g LATIN SMALL LETTER SCRIPT G
0280 R LATIN LETTER SMALL CAPITAL R
0391 A GREEK CAPITAL LETTER ALPHA
0392 B GREEK CAPITAL LETTER BETA
0395 E GREEK CAPITAL LETTER EPSILON
0396 Z GREEK CAPITAL LETTER ZETA
0397 H GREEK CAPITAL LETTER ETA
0399 I GREEK CAPITAL LETTER IOTA
039A K GREEK CAPITAL LETTER KAPPA
039C M GREEK CAPITAL LETTER MU
039D N GREEK CAPITAL LETTER NU
039F O GREEK CAPITAL LETTER OMICRON
03A1 P GREEK CAPITAL LETTER RHO
03A4 T GREEK CAPITAL LETTER TAU
03A5 Y GREEK CAPITAL LETTER UPSILON
03A7 X GREEK CAPITAL LETTER CHI
03B1 a GREEK SMALL LETTER ALPHA
03B3 y GREEK SMALL LETTER GAMMA
03B9 i GREEK SMALL LETTER IOTA
03BA k GREEK SMALL LETTER KAPPA
03BD v GREEK SMALL LETTER NU
03BF o GREEK SMALL LETTER OMICRON
03C1 p GREEK SMALL LETTER RHO
03C5 u GREEK SMALL LETTER UPSILON
0405 S CYRILLIC CAPITAL LETTER DZE
0406 I CYRILLIC CAPITAL LETTER BYELORUSSIAN-UKRAINIAN I
0408 J CYRILLIC CAPITAL LETTER JE
0410 A CYRILLIC CAPITAL LETTER A
0412 B CYRILLIC CAPITAL LETTER VE
0415 E CYRILLIC CAPITAL LETTER IE
0417 3 CYRILLIC CAPITAL LETTER ZE
041A K CYRILLIC CAPITAL LETTER KA
041C M CYRILLIC CAPITAL LETTER EM
041D H CYRILLIC CAPITAL LETTER EN
041E O CYRILLIC CAPITAL LETTER O
0420 P CYRILLIC CAPITAL LETTER ER
0421 C CYRILLIC CAPITAL LETTER ES
0422 T CYRILLIC CAPITAL LETTER TE
0423 Y CYRILLIC CAPITAL LETTER U
0425 X CYRILLIC CAPITAL LETTER HA
0430 a CYRILLIC SMALL LETTER A
0435 e CYRILLIC SMALL LETTER IE
043E o CYRILLIC SMALL LETTER O
0440 p CYRILLIC SMALL LETTER ER
0441 c CYRILLIC SMALL LETTER ES
0443 y CYRILLIC SMALL LETTER U
0445 x CYRILLIC SMALL LETTER HA
0455 s CYRILLIC SMALL LETTER DZE
0456 i CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I
0458 j CYRILLIC SMALL LETTER JE
04BB h CYRILLIC SMALL LETTER SHHA
04C0 I CYRILLIC LETTER PALOCHKA
04CF l CYRILLIC SMALL LETTER PALOCHKA
0501 d CYRILLIC SMALL LETTER KOMI DE
050C G CYRILLIC CAPITAL LETTER KOMI SJE
051A Q CYRILLIC CAPITAL LETTER QA
051B q CYRILLIC SMALL LETTER QA
051C W CYRILLIC CAPITAL LETTER WE
051D w CYRILLIC SMALL LETTER WE
0566 q ARMENIAN SMALL LETTER ZA
0570 h ARMENIAN SMALL LETTER HO
0575 j ARMENIAN SMALL LETTER YI
0578 n ARMENIAN SMALL LETTER VO
057D u ARMENIAN SMALL LETTER SEH
0581 g ARMENIAN SMALL LETTER CO
0584 f ARMENIAN SMALL LETTER KEH
0585 o ARMENIAN SMALL LETTER OH
2002 blank EN SPACE
2003 blank EM SPACE
2007 blank FIGURE SPACE
2009 blank THIN SPACE
200B nothing ZERO WIDTH SPACE
200C nothing ZERO WIDTH NON-JOINER
200D nothing ZERO WIDTH JOINER
2010 - HYPHEN
2011 - NON-BREAKING HYPHEN
2012 - FIGURE DASH
2013 - EN DASH
2014 - EM DASH
2015 - HORIZONTAL BAR
2018 ' LEFT SINGLE QUOTATION MARK
2019 ' RIGHT SINGLE QUOTATION MARK
201C " LEFT DOUBLE QUOTATION MARK
201D " RIGHT DOUBLE QUOTATION MARK
202F blank NARROW NO-BREAK SPACE
2060 nothing WORD JOINER
2212 - MINUS SIGN
3000 blank IDEOGRAPHIC SPACE
FEFF nothing ZERO WIDTH NO-BREAK SPACE
`;

interface Row {
  readonly ascii: string;
  readonly name: string;
}

const ROWS: ReadonlyMap<string, Row> = new Map(
  TABLE.trim()
    .split("\n")
    .map((line) => {
      const [point = "", like = "", ...name] = line.split(" ");
      const ascii = like === "blank" ? " " : like === "nothing" ? "" : like;
      return [String.fromCodePoint(Number.parseInt(point, 16)), { ascii, name: name.join(" ") }] as const;
    }),
);
const ASCII = /^[ -~]*$/;

/**
 * The first look-alike of a text that would be plain ASCII without them; null for any other text: words of other scripts
 * are words, and judged as what they are.
 */
export function lookAlikeIn(text: string): LookAlike | null {
  if (ASCII.test(text)) return null;
  const characters = [...text];
  const meant = characters.map((each) => asciiOf(each) ?? each).join("");
  const character = characters.find((each) => !ASCII.test(each));
  if (character === undefined || !ASCII.test(meant)) return null;
  const ascii = asciiOf(character) ?? "";
  const called = [codePoint(character), ROWS.get(character)?.name].filter(Boolean).join(" ");
  const like = ascii === "" ? "nothing" : ascii === " " ? "a blank" : ascii;
  return { character, words: `${called}, which looks like ${like}`, meant };
}

/**
 * The same for a text that begins keys of objects, which may hold words of any script: the first look-alike among letters
 * of ASCII, or what can't be seen.
 */
export function lookAlikeInKey(key: string): LookAlike | null {
  for (const word of key.split(/[\p{P}\p{S}\p{N}\p{Z}]+/u)) {
    const found = lookAlikeIn(word);
    if (found !== null && (/[a-z]/i.test(word) || found.meant === ""))
      return { ...found, meant: key.replace(word, found.meant) };
  }
  return null;
}

/**
 * What a character reads like: by the table, as nothing where it can't be seen, or as Unicode's compatible form, which
 * full-width and joined letters have.
 */
function asciiOf(character: string): string | undefined {
  if (ASCII.test(character)) return character;
  const row = ROWS.get(character);
  if (row !== undefined) return row.ascii;
  if (character.search(HIDDEN) === 0) return "";
  const form = character.normalize("NFKC");
  return ASCII.test(form) ? form : undefined;
}
