import { oneLine } from "./plain.ts";

/** Longest value shown, in characters; what is longer ends in an ellipsis. */
const VALUE_LIMIT = 300;
const BLOCK_LIMIT = 4_000;

/** A code span on one line: nothing inside is markup, HTML, a mention, a reference or a link. */
export function markdownCode(text: string): string {
  const line = cut(oneLine(text.trim()), VALUE_LIMIT);
  if (line === "") return "`(empty)`";
  const fence = fenceAround(line, 1);
  const pad = /^`|`$/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** As `markdownCode`, for a table: there a pipe ends a cell even in a span, and a backslash before it undoes its escape. */
export function markdownCell(text: string): string {
  return markdownCode(text)
    .replaceAll(/\\+(?=\|)/g, (run) => "\u2216".repeat(run.length))
    .replaceAll("|", "\\|");
}

/** A fenced block; line breaks stay. */
export function markdownBlock(text: string): string {
  const lines = cut(text.trim(), BLOCK_LIMIT).split(/\r\n|[\n\r]/);
  const fence = fenceAround(text, 3);
  return [`${fence}text`, ...lines.map(oneLine), fence].join("\n");
}

/** A fence longer than any run of backticks inside can't be closed from within. */
function fenceAround(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return "`".repeat(Math.max(longest + 1, least));
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
