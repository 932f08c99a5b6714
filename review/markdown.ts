import { markdownBlock, markdownCode } from "../config/text/markdown.ts";

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
      return typeof value === "number" ? String(value) : markdownCode(value);
    });
    return new Markdown(parts.map((part, index) => `${part}${shown[index] ?? ""}`).join(""));
  };

  static readonly code = (text: string): Markdown => new Markdown(markdownCode(text));

  static readonly fenced = (text: string): Markdown => new Markdown(markdownBlock(text));

  static readonly joined = (parts: readonly Markdown[], separator: ", " | "; " | " " | "\n"): Markdown =>
    new Markdown(parts.map(({ text }) => text).join(separator));
}

export const { md, code, fenced, joined } = Markdown;
