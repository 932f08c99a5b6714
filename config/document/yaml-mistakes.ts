import type { YAMLError } from "yaml";

/** `U+00A0` */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** What is wrong where YAML can't be read, in plain words. Never holds text of the file: that may be a password. */
export interface YamlMistake {
  /** Where it is; UTF-16 units from the start. */
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
}

const QUOTE_TEXT = "put the whole text in quotes";

/** By the parser's code; the mistakes that the text itself shows better are found before. */
const BY_CODE: Readonly<Partial<Record<YAMLError["code"], readonly [message: string, fix: string]>>> = {
  BAD_DIRECTIVE: ["a line that begins with % isn't part of the language", "remove the line"],
  BAD_DQ_ESCAPE: [
    "a backslash in double quotes begins an escape, and this is none",
    "write two backslashes, or use single quotes",
  ],
  BAD_INDENT: [
    "the line is indented otherwise than the ones it belongs to, or a bracket before it isn't closed",
    "indent it like its neighbours, with blanks; close each [ and {",
  ],
  BAD_SCALAR_START: ["text without quotes can't begin with this character", QUOTE_TEXT],
  BLOCK_AS_IMPLICIT_KEY: [
    "a second `key: value` begins inside a value",
    "put the text in quotes where it holds a colon and a blank, or write the key on a line of its own",
  ],
  BLOCK_IN_FLOW: ["a list or map over several lines stands inside [ ] or { }", "write it out without the brackets"],
  MISSING_CHAR: [
    "something is opened and not closed, or a key has no colon",
    "close quotes and brackets; write a colon and a blank after a key",
  ],
  MULTILINE_IMPLICIT_KEY: [
    "a line without `key: value` stands among keys",
    "write a colon and a blank after the key, or put a longer text in quotes",
  ],
  MULTIPLE_ANCHORS: ["a value has two anchors (&)", "remove one of them"],
  MULTIPLE_TAGS: ["a value has two tags (!)", "remove both; the language has no tags"],
  TAB_AS_INDENT: ["a tab can't indent a line", "indent with blanks"],
  UNEXPECTED_TOKEN: ["more text follows where the value has ended already", QUOTE_TEXT],
};

/** The words for the parser's first error. */
export function yamlMistake({ code, pos: [offset] }: YAMLError, text: string): YamlMistake {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end === -1 ? undefined : end);
  const found = wholeFile(text) ?? inLine(line, start, offset - start);
  if (found !== null) return found;
  const [message, fix] = BY_CODE[code] ?? [
    "the text can't be read as YAML from here on",
    "check quotes, brackets and indentation here and in the line above",
  ];
  return { offset, message, fix };
}

/** What the lines of a file say whatever the parser stumbled over. */
function wholeFile(text: string): YamlMistake | null {
  const marker = /^(?:<{7}|>{7}|\|{7}) /m.exec(text);
  if (marker !== null) {
    const message = "conflict markers of a merge stand in the file";
    return {
      offset: marker.index,
      message,
      fix: "keep one of the two sides and remove the lines <<<<<<<, ======= and >>>>>>>",
    };
  }
  const carriageReturn = /\r(?!\n)/.exec(text);
  if (carriageReturn === null) return null;
  const message = "a line ends in a carriage return alone (U+000D), which YAML doesn't take for the end of a line";
  return { offset: carriageReturn.index, message, fix: "save the file with line ends LF" };
}

/** @param at offset of the parser's error in the line */
function inLine(line: string, start: number, at: number): YamlMistake | null {
  const mistake = (index: number, message: string, fix: string): YamlMistake => ({
    offset: start + index,
    message,
    fix,
  });
  const blank = /[\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]/.exec(line);
  if (blank !== null) {
    return mistake(
      blank.index,
      `${codePoint(blank[0])} looks like a blank, or like nothing, and is a letter to YAML`,
      "write a blank, or remove it",
    );
  }
  const template = /\{\{|\{%/.exec(line);
  if (template !== null) {
    const message = "braces of a template stand in the file: a spec is read as it is";
    return mistake(template.index, message, "write the value, or give it per stage in environments");
  }
  const glued = /^\s*(?:- +)*[A-Za-z_][\w-]*:(?=[^\s:/])/.exec(line);
  if (glued !== null)
    return mistake(glued[0].length, "a value follows its colon without a blank", "write a blank after the colon");
  const value = line.slice(at);
  if (value.startsWith("*"))
    return mistake(at, "a star without quotes begins an alias, and this is none", 'put it in quotes: "*"');
  const brace = /^\s*(?:- +)*[\w-]+:\s+(?=[{[])/.exec(line)?.[0].length;
  if (brace !== undefined && /^[{[][^{}[\]]*[}\]]\s*[^\s,#]/.test(line.slice(brace))) {
    return mistake(brace, "a value that begins with { or [ is a map or a list, and text follows it", QUOTE_TEXT);
  }
  const block = /[|>](?=[^\s#]*[^\s#0-9+-])[^\s]*$/.exec(line.slice(0, Math.max(at, 0)) + value);
  if (block !== null && block.index <= at) {
    return mistake(
      block.index,
      "a value without quotes that begins with | or > is a block over several lines",
      QUOTE_TEXT,
    );
  }
  return null;
}
