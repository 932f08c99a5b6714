import { areaY, dot, lineY } from "@observablehq/plot";
import type { Report } from "../../schema.ts";
import type { Markup } from "../markup.ts";
import { instantWords } from "../words.ts";
import { drawn } from "./plot.ts";

/** Points of a line; of more runs evenly spread ones are drawn. */
const POINTS = 240;

export interface Series {
  /** In one sentence, what is drawn. */
  readonly label: string;
  readonly of: (run: Report["trend"][number]) => number | null;
  readonly words: (figure: number) => string;
  /** What its axis counts in, for steps that are whole in it. */
  readonly unitOf: (most: number) => number;
  /** Where its axis ends. */
  readonly from: number | null;
  readonly to: number | null;
}

/** One figure over the runs. A run without it leaves a gap. */
export function trendPlot(trend: Report["trend"], { label, of, words, unitOf, from, to }: Series): Markup {
  const unit = unitOf(Math.max(...trend.map((run) => of(run) ?? 0)));
  const points = spread(trend).map((run) => {
    const figure = of(run);
    return { at: new Date(run.at), figure: figure === null ? null : figure / unit };
  });
  const known = points.flatMap(({ at, figure }) => (figure === null ? [] : [{ at, figure }]));
  const [least, most] = [
    Math.min(...known.map(({ figure }) => figure)),
    Math.max(...known.map(({ figure }) => figure)),
  ];
  const pad = (most - least) * 0.15 || Math.max(1, most * 0.02);
  const bottom = from ?? Math.max(0, least - pad);
  const domain: [number, number] = [Math.min(bottom, least), to ?? most + pad];
  const channels = { x: "at", y: "figure" } as const;
  return drawn(label, { wide: 400, narrow: 290 }, (width) => ({
    height: 170,
    marginLeft: 62,
    marginRight: 14,
    marginTop: 12,
    marginBottom: 34,
    x: { type: "utc", label: null, ticks: width < 300 ? 3 : 4 },
    y: { domain, label: null, grid: true, ticks: 4, tickSize: 0, tickFormat: (figure: number) => words(figure * unit) },
    marks: [
      areaY(points, { ...channels, y1: domain[0], y2: "figure", fill: "var(--accent)", fillOpacity: 0.1 }),
      lineY(points, { ...channels, stroke: "var(--accent)", strokeWidth: 2 }),
      dot(known, {
        ...channels,
        r: known.length > 60 ? 1.5 : 3,
        fill: "var(--accent)",
        stroke: "var(--surface)",
        strokeWidth: 1,
        title: ({ at, figure }: (typeof known)[number]) => `${words(figure * unit)}, ${instantWords(at.toISOString())}`,
      }),
    ],
  }));
}

/** The first, the last, and evenly between. */
function spread<Run>(runs: readonly Run[]): Run[] {
  if (runs.length <= POINTS) return [...runs];
  const step = (runs.length - 1) / (POINTS - 1);
  return Array.from({ length: POINTS }, (_, index) => runs[Math.round(index * step)]).filter(
    (run) => run !== undefined,
  );
}
