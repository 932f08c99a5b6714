import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, Markup } from "../markup.ts";

/** The plot's own style sheet: ours holds what is needed of it, and the page's policy admits no other. */
const STYLE = /<style>[\s\S]*?<\/style>/g;

/** Width in pixels at which a plot's text is as large as the page's: of a wide screen and paper, of a phone. */
export interface Widths {
  readonly wide: number;
  readonly narrow: number;
}

/**
 * A drawing in two widths, of which the style sheet shows one: text in a drawing that shrinks can't be read. What it shows
 * is also told by a table or a sentence beside it; `label` says in one sentence what is seen.
 */
export function drawn(label: string, { wide, narrow }: Widths, options: (width: number) => PlotOptions): Markup {
  const svgs = [
    svg("plot wide", { ...options(wide), width: wide }),
    svg("plot narrow", { ...options(narrow), width: narrow }),
  ];
  return html`<div class="drawing" role="img" aria-label="${label}">${svgs}</div>`;
}

function svg(className: string, options: PlotOptions): Markup {
  const { document } = parseHTML("<!doctype html><html></html>");
  const drawing = plot({ document, className: "plot", ...options }).outerHTML.replaceAll(STYLE, "");
  // Its parts are no parts of the page: a screen reader tells the label.
  return new Markup(
    drawing
      .replace('<svg class="plot"', "<svg")
      .replace(/^<svg/, `<svg class="${className}" aria-hidden="true"`)
      .replace(/ class="plot"/, ""),
  );
}
