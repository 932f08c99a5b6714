import { barX, barY, ruleX, ruleY, text } from "@observablehq/plot";
import { oneLine } from "../../../config/text/plain.ts";
import type { Markup } from "../markup.ts";
import { bytesWords } from "../words.ts";
import { drawn } from "./plot.ts";

export interface Bar {
  readonly name: string;
  /** What fits below a bar on a phone. */
  readonly short?: string;
  readonly bytes: number;
}

/** Height of a bar with its gap, pixels. */
const LINE = 26;

/** Bytes of things by their names, from the top down. Two things may have one name. */
export function barsAcross(label: string, bars: readonly Bar[]): Markup {
  const rows = bars.map((bar, index) => ({ ...bar, index }));
  const most = Math.max(1, ...bars.map(({ bytes }) => bytes));
  return drawn(label, { wide: 830, narrow: 300 }, (width) => ({
    height: rows.length * LINE + 12,
    marginLeft: isNarrow(width) ? 104 : 210,
    marginRight: 72,
    marginTop: 4,
    marginBottom: 8,
    x: { axis: null, domain: [0, most] },
    y: {
      label: null,
      tickSize: 0,
      padding: 0.34,
      tickFormat: (index: number) => shortened(bars[index]?.name ?? "", isNarrow(width) ? 14 : 28),
    },
    marks: [
      barX(rows, { x: "bytes", y: "index", fill: "var(--accent)", rx: 2 }),
      text(rows, {
        x: "bytes",
        y: "index",
        text: ({ bytes }: Bar) => bytesWords(bytes),
        textAnchor: "start",
        dx: 6,
        fill: "currentColor",
      }),
      ruleX([0], { stroke: "var(--line)" }),
    ],
  }));
}

/** Bytes of steps that follow one another, from left to right. */
export function barsUp(label: string, bars: readonly Bar[]): Markup {
  const rows = bars.map((bar, index) => ({ ...bar, index }));
  const most = Math.max(1, ...bars.map(({ bytes }) => bytes));
  return drawn(label, { wide: 830, narrow: 300 }, (width) => ({
    height: 230,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 24,
    marginBottom: 34,
    x: {
      label: null,
      tickSize: 0,
      padding: 0.18,
      tickFormat: (index: number) => (isNarrow(width) ? bars[index]?.short : bars[index]?.name) ?? "",
    },
    y: { axis: null, domain: [0, most] },
    marks: [
      barY(rows, { x: "index", y: "bytes", fill: "var(--accent)", ry: 2 }),
      text(rows, { x: "index", y: "bytes", text: ({ bytes }: Bar) => bytesWords(bytes), dy: -9, fill: "currentColor" }),
      ruleY([0], { stroke: "var(--line)" }),
    ],
  }));
}

/** What is cut can be read in the table beside the plot. */
function shortened(name: string, limit: number): string {
  const line = oneLine(name);
  return line.length <= limit ? line : `${line.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

const isNarrow = (width: number): boolean => width < 500;
