import { visible } from "../config/visible.ts";

/** Longest value shown, in characters; what is longer ends in an ellipsis. */
const VALUE_LIMIT = 300;
/** Longest block of messages. */
const BLOCK_LIMIT = 4_000;

/**
 * Markdown of our own making. A value from a spec, a policy or the engine gets into it through `md`, `code` or `fenced`
 * alone, as code: there nothing is markup, a mention, a reference or a link.
 */
export class Markdown {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** A template whose interpolated texts become code; numbers and Markdown stay as they are. */
  static readonly md = (parts: TemplateStringsArray, ...values: readonly (string | number | Markdown)[]): Markdown => {
    const shown = values.map((value) => {
      if (value instanceof Markdown) return value.text;
      return typeof value === "number" ? String(value) : Markdown.code(value).text;
    });
    return new Markdown(parts.map((part, index) => `${part}${shown[index] ?? ""}`).join(""));
  };

  /** A code span on one line, whatever the text holds. */
  static readonly code = (text: string): Markdown => {
    const line = cut(shown(text.trim()), VALUE_LIMIT);
    const fence = "`".repeat(longestRun(line) + 1);
    const pad = /^`|`$/.test(line) ? " " : "";
    return new Markdown(line === "" ? "`(empty)`" : `${fence}${pad}${line}${pad}${fence}`);
  };

  /** A fenced block; line breaks stay. */
  static readonly fenced = (text: string): Markdown => {
    const lines = cut(text.trim(), BLOCK_LIMIT).split(/\r\n|[\n\r]/);
    const fence = "`".repeat(Math.max(longestRun(text) + 1, 3));
    return new Markdown([`${fence}text`, ...lines.map(shown), fence].join("\n"));
  };

  static readonly joined = (parts: readonly Markdown[], separator: ", " | "; " | " " | "\n"): Markdown =>
    new Markdown(parts.map(({ text }) => text).join(separator));
}

export const { md, code, fenced, joined } = Markdown;

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** What hides or turns around what a reviewer reads, in escaped form; a break is a blank. */
function shown(text: string): string {
  return visible(text.replaceAll(/[\n\r\t]/g, " "));
}
