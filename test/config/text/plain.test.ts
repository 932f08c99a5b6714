import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainJson, sarifMessage } from "../../../config/text/json.ts";
import { oneLine, plainLines, plainText } from "../../../config/text/plain.ts";
import { HIDDEN, HOSTILE, hostileText } from "../../support/hostile.ts";

describe("text for a terminal, a log or a message", () => {
  test.each(HOSTILE)("%j hides nothing and steers nothing", (text) => {
    expect(plainText(text)).not.toMatch(HIDDEN);
    expect(plainText(text)).not.toMatch(/[\n\t]/);
    expect(oneLine(text)).not.toMatch(/[\n\t]/);
    expect(plainLines(text)).not.toMatch(HIDDEN);
    expect(plainLines(text).split("\n")).toHaveLength(text.split("\n").length);
  });

  test("any text is one line of what can be seen", () => {
    fc.assert(fc.property(hostileText, (text) => !HIDDEN.test(plainText(text)) && !HIDDEN.test(oneLine(text))));
  });

  test.each(["\u115f", "\u1160", "\uffa0", "\ufe00", "\ufe0f", "\u{e0100}", "\u180b"])(
    "%j, which is drawn as nothing, is shown",
    (hidden) => {
      expect(plainText(`a${hidden}b`)).toBe(`a\\u{${hidden.codePointAt(0)?.toString(16)}}b`);
    },
  );
});

describe("JSON", () => {
  const stays = (text: string): void => {
    const value = { [text]: [text], n: 1 };
    const json = plainJson(value);
    expect(json).not.toMatch(HIDDEN);
    expect(JSON.parse(json)).toEqual(value);
  };

  test.each(HOSTILE)("%j hides nothing, and stays what it was", stays);

  test("any text hides nothing, and stays what it was", () => fc.assert(fc.property(hostileText, stays)));
});

/** Embedded links and placeholders as a reader of SARIF finds them: an escaped bracket begins none. */
const LINK = /(?<=(?<!\\)(?:\\\\)*)\[(?:\\[[\]\\]|[^[\]\\])*\]\([^)]*\)/;
const PLACEHOLDER = /(?<!\{)\{\d+\}/;

describe("a message of a SARIF log", () => {
  test.each(HOSTILE)("%j makes no link and no placeholder", (text) => {
    expect(sarifMessage(text)).not.toMatch(HIDDEN);
    expect(sarifMessage(text)).not.toMatch(LINK);
    expect(sarifMessage(text)).not.toMatch(PLACEHOLDER);
  });

  test("any text makes no link, and reads as before once its escapes are gone", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const message = sarifMessage(text);
        expect(message).not.toMatch(LINK);
        expect(message.replaceAll(/\\([[\]\\])/g, "$1").replaceAll(/\{(\{\d+\})\}/g, "$1")).toBe(plainText(text));
      }),
    );
  });
});
