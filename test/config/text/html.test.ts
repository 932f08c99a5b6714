import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { htmlText } from "../../../config/text/html.ts";
import { oneLine } from "../../../config/text/plain.ts";
import { HIDDEN, HOSTILE, hostileText } from "../../support/hostile.ts";

/** On a machine with other work. */
const BUSY = { timeout: 60_000 };

/** What somebody reads, once it stands in an element and in an attribute. */
function isText(text: string): void {
  const { document } = parseHTML(`<!doctype html><p title="${htmlText(text)}">${htmlText(text)}</p>`);
  const paragraph = document.querySelector("p");
  expect(document.querySelectorAll("*").length, text).toBe(document.querySelectorAll("html, p").length);
  const line = oneLine(text);
  const read = paragraph?.textContent ?? "";
  expect(read.endsWith("…") ? line.startsWith(read.slice(0, -1)) || read === line : read === line, text).toBe(true);
  expect(paragraph?.getAttribute("title")).toBe(read);
}

describe("HTML", BUSY, () => {
  test.each(HOSTILE)("%j is text in an element and in an attribute, on one line, and hides nothing", (text) => {
    isText(text);
    expect(htmlText(text)).not.toMatch(HIDDEN);
    expect(htmlText(text)).not.toMatch(/[<>"'\n]/);
  });

  test("any text is text", () => {
    fc.assert(fc.property(hostileText, isText));
  });

  test("what is longer than 300 characters ends in an ellipsis, never in half a character", () => {
    expect(htmlText("x".repeat(300))).toBe("x".repeat(300));
    expect(htmlText("x".repeat(301))).toBe(`${"x".repeat(300)}…`);
    expect(htmlText(`${"x".repeat(299)}😀😀`)).toBe(`${"x".repeat(299)}…`);
    expect(htmlText("&".repeat(400))).toBe(`${"&amp;".repeat(300)}…`);
  });
});
