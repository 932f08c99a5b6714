import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markdownBlock, markdownCell, markdownCode } from "../../../config/text/markdown.ts";
import { HIDDEN, HOSTILE, hostileText } from "../../support/hostile.ts";
import { nodesOf, parsed } from "../../support/markdown.ts";

/** On a machine with other work. */
const BUSY = { timeout: 60_000 };

function isOneSpan(text: string): void {
  const nodes = nodesOf(parsed(`before ${markdownCode(text)} after`)).map(({ type }) => type);
  expect(nodes).toEqual(["root", "paragraph", "text", "inlineCode", "text"]);
}

function isOneCell(text: string): void {
  const table = parsed(`| a | b |\n|---|---|\n| ${markdownCell(text)} | after |\n`);
  const types = nodesOf(table).map(({ type }) => type);
  const head = ["tableRow", "tableCell", "text", "tableCell", "text"];
  expect(types).toEqual(["root", "table", ...head, "tableRow", "tableCell", "inlineCode", "tableCell", "text"]);
}

function isOneBlock(text: string): void {
  const types = parsed(`before\n\n${markdownBlock(text)}\n\nafter`).children.map(({ type }) => type);
  expect(types).toEqual(["paragraph", "code", "paragraph"]);
}

describe("Markdown", BUSY, () => {
  test.each(HOSTILE)("%j is one code span, one cell, one block, and hides nothing", (text) => {
    isOneSpan(text);
    isOneCell(text);
    isOneBlock(text);
    for (const form of [markdownCode, markdownCell, markdownBlock]) expect(form(text)).not.toMatch(HIDDEN);
  });

  test("any text is one code span, one cell, one block", () => {
    const all = (text: string): void => {
      isOneSpan(text);
      isOneCell(text);
      isOneBlock(text);
    };
    fc.assert(fc.property(hostileText, all), { numRuns: 300 });
  });

  test("names stay readable, and a long value is cut", () => {
    const cells = nodesOf(parsed(`| a |\n|---|\n| ${markdownCell("a | b | `x`")} |\n`));
    expect(cells.flatMap((node) => (node.type === "inlineCode" ? [node.value] : []))).toEqual(["a | b | `x`"]);
    expect(markdownCode("x".repeat(10_000))).toHaveLength(303);
    expect(markdownCode("")).toBe("`(empty)`");
  });
});
