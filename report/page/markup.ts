import { htmlText } from "../../config/text/html.ts";

/** HTML that is safe to write; everything else is text. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | null | false | readonly Content[];

/** HTML of a template: what is put in is text, unless it is `Markup` itself; nothing comes of null and false. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = strings.map((part, index) => part.replaceAll(/\n\s*/g, "\n") + written(values[index] ?? null));
  return new Markup(parts.join(""));
}

function written(value: Content): string {
  if (value === null || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(written).join("");
  return htmlText(String(value));
}

/** A name from outside: it doesn't turn the direction of what stands around it. */
export function name(text: string): Markup {
  return html`<bdi class="name">${text === "" ? "(empty)" : text}</bdi>`;
}

/** What only screen readers tell. */
export function spoken(text: string): Markup {
  return html`<span class="spoken">${text}</span>`;
}
