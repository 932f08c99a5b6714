import { dot, lineY, type PlotOptions, plot, text } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { STEPS } from "../compared/tool.ts";
import { middle, mostMemory } from "./middle.ts";
import type { Bench } from "./schema.ts";
import { TITLES } from "./tables.ts";

/** By day and by night: one colour a tool, in the order of the tools; two more for words and lines. */
const COLOURS = {
  light: ["#0969da", "#bc4c00", "#6e7781", "#8250df", "#bf3989", "#1a7f37"],
  dark: ["#58a6ff", "#f0883e", "#9198a1", "#bc8cff", "#f778ba", "#3fb950"],
};
const MARKS = ["circle", "square", "triangle", "diamond", "cross", "star"] as const;

interface Point {
  readonly panel: string;
  readonly tool: string;
  readonly buckets: number;
  readonly value: number;
}

/** The drawings by their file names, SVG that follows the reader's colours. */
export function plots({ sizes }: Bench): Record<string, string> {
  const tools = [...new Set(sizes.flatMap(({ series }) => series.map(({ tool }) => tool)))];
  const points = (panel: string, of: (size: Bench["sizes"][number], tool: string) => number | undefined): Point[] =>
    sizes.flatMap((size) =>
      tools.flatMap((tool) => {
        const value = of(size, tool);
        return value === undefined || value <= 0 ? [] : [{ panel, tool, buckets: size.buckets, value }];
      }),
    );
  const seconds = STEPS.flatMap((step) => points(TITLES[step], (size, tool) => middle(size, tool, step, "seconds")));
  const one = points("create", (size, tool) => {
    const all = middle(size, tool, "create", "seconds");
    return all && (all * 1000) / size.buckets;
  });
  return {
    "seconds.svg": drawn("Seconds by number of buckets, both logarithmic", tools, seconds, 3),
    "create-one.svg": drawn("Create: milliseconds for one bucket, by number of buckets", tools, one, 1),
    "memory.svg": drawn("Most memory at once, MiB, by number of buckets", tools, points("memory", mostMemory), 1),
  };
}

const HEAD = 68;
const PANEL = { width: 270, height: 190 };

function drawn(title: string, tools: readonly string[], points: readonly Point[], columns: number): string {
  const panels = [...new Set(points.map(({ panel }) => panel))];
  const column = ({ panel }: Point) => panels.indexOf(panel) % columns;
  const row = ({ panel }: Point) => Math.floor(panels.indexOf(panel) / columns);
  const at = { x: "buckets", y: "value", fx: column, fy: row } as const;
  const counts = [...new Set(points.map(({ buckets }) => buckets))].sort((a, b) => a - b);
  const firsts = panels.flatMap((name) => points.find(({ panel }) => panel === name) ?? []);
  const width = columns === 1 ? 700 : 60 + columns * PANEL.width;
  const height = HEAD + 46 + Math.ceil(panels.length / columns) * PANEL.height;
  const options: PlotOptions = {
    width,
    height,
    marginTop: HEAD,
    marginLeft: 52,
    marginBottom: 42,
    fx: { axis: null, padding: 0.14 },
    fy: { axis: null, padding: 0.2 },
    x: { type: "log", label: "buckets", ticks: counts, tickFormat: (count: number) => count.toLocaleString("en") },
    y: {
      type: "log",
      nice: true,
      label: null,
      grid: true,
      ticks: 4,
      tickFormat: (value: number) => value.toLocaleString("en"),
    },
    color: { domain: tools, range: tools.map((_, index) => `var(--tool-${index})`) },
    symbol: { domain: tools, range: tools.map((_, index) => MARKS[index % MARKS.length] ?? "circle") },
    marks: [
      lineY(points, { ...at, z: "tool", stroke: "tool", strokeWidth: 2 }),
      dot(points, { ...at, stroke: "tool", symbol: "tool", fill: "var(--paper)", r: 4 }),
      ...(panels.length > 1
        ? [text(firsts, { fx: column, fy: row, frameAnchor: "top-left", dy: -12, text: "panel", fontWeight: "bold" })]
        : []),
    ],
  };
  const { document } = parseHTML("<!doctype html><html></html>");
  // The plot's own style sheet is for a page; a file of its own follows the reader's colours by this one.
  return `${plot({ document, ...options })
    .outerHTML.replaceAll(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/^<svg[^>]*>/, opening(title, width, height))
    .replace(/<\/svg>$/, `${legend(title, tools)}</svg>`)
    .replaceAll(/\d+\.\d{3,}/g, (figure: string) => Number(figure).toFixed(2))}\n`;
}

function opening(title: string, width: number, height: number): string {
  const colours = (shades: readonly string[]) => shades.map((shade, index) => `--tool-${index}:${shade}`).join(";");
  const light = `svg{--ink:#1f2328;--paper:#ffffff;${colours(COLOURS.light)};color:var(--ink);background:var(--paper)}`;
  const dark = `svg{--ink:#e6edf3;--paper:#0d1117;${colours(COLOURS.dark)}}`;
  const style = `${light}text{fill:currentColor;white-space:pre}@media (prefers-color-scheme:dark){${dark}}`;
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const font = 'font-family="system-ui, sans-serif" font-size="12" text-anchor="middle"';
  const name = `xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${title}"`;
  return `<svg ${name} ${size} ${font}><style>${style}</style>`;
}

/** Pixels of a letter of the legend, about. */
const LETTER = 5.9;

/** The title, and below it the tools with their colours. */
function legend(title: string, tools: readonly string[]): string {
  let left = 12;
  const names = tools.map((tool, index) => {
    const at = left;
    left += tool.length * LETTER + 24;
    const mark = `<circle cx="${at + 4}" cy="34" r="4" fill="var(--tool-${index})"/>`;
    return `${mark}<text x="${at + 12}" y="38" font-size="11">${tool}</text>`;
  });
  return `<g text-anchor="start"><text x="12" y="18" font-size="13" font-weight="bold">${title}</text>${names.join("")}</g>`;
}
