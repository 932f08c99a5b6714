import type { Report, RunSummary } from "../../schema.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { type Series, trendPlot } from "../plots/trend-plot.ts";
import type { Section } from "../section.ts";
import { table } from "../table.ts";
import { bytesWords, byteUnit, counted, countWords, instantWords, latencyWords, scoreWords } from "../words.ts";

/** Runs in the table; the plots draw the others, too. */
const ROWS = 30;

const SERIES: readonly (Series & { readonly title: string })[] = [
  {
    title: "Health score",
    label: "health score over the runs",
    of: ({ overall_health_score }) => overall_health_score,
    unitOf: () => 1,
    words: (score) => score.toFixed(score % 1 === 0 ? 0 : 1),
    from: null,
    to: 100,
  },
  {
    title: "Buckets not healthy",
    label: "number of buckets that aren't healthy over the runs",
    of: ({ unhealthy_buckets }) => unhealthy_buckets,
    unitOf: () => 1,
    words: (count) => (Number.isInteger(count) ? String(count) : ""),
    from: 0,
    to: null,
  },
  {
    title: "Stored",
    label: "bytes stored over the runs",
    of: ({ bytes }) => bytes,
    unitOf: byteUnit,
    words: bytesWords,
    from: null,
    to: null,
  },
  {
    title: "Slowest reads (95th percentile)",
    label: "95th percentile of the time that reads took, over the runs",
    of: ({ latency_ms }) => latency_ms,
    unitOf: () => 1,
    words: latencyWords,
    from: 0,
    to: null,
  },
];

/** How it was before: four figures over the runs that the history keeps. */
export function trend({ trend: runs }: Report): Section {
  return {
    id: "trend",
    title: "Trend",
    count: counted(runs.length, "run"),
    tone: "plain",
    body:
      runs.length < 2
        ? html`<p class="note">This is the first run that is known. The next report shows what changed.</p>`
        : shown(runs),
  };
}

function shown(runs: Report["trend"]): Content {
  const [before, now] = runs.slice(-2);
  return html`<p>${before !== undefined && now !== undefined && change(before, now)} ${lowest(runs)}</p>
    <div class="plots">${SERIES.map((series) => figure(runs, series))}</div>
    <details class="more"><summary>The last ${counted(Math.min(ROWS, runs.length), "run")} as a table</summary>${tableOf(runs)}</details>`;
}

function figure(runs: Report["trend"], series: (typeof SERIES)[number]): Content {
  const known = runs.map(series.of).filter((value) => value !== null);
  if (known.length < 2) return null;
  const last = known.at(-1) ?? 0;
  const label = `${series.label}: from ${series.words(known[0] ?? 0)} to ${series.words(last)}, least ${series.words(Math.min(...known))}, most ${series.words(Math.max(...known))}`;
  return html`<figure><figcaption>${series.title} <strong class="number">${series.words(last)}</strong></figcaption>${trendPlot(runs, { ...series, label })}</figure>`;
}

function change(before: RunSummary, now: RunSummary): string {
  const [old, score] = [before.overall_health_score, now.overall_health_score];
  const since = `the run of ${instantWords(before.at)}`;
  if (old === null || score === null) return `The score can't be compared with ${since}.`;
  const points = Math.abs(score - old).toFixed(1);
  if (points === "0.0") return `The score is the same as in ${since}.`;
  return `The score is ${points} ${score > old ? "higher" : "lower"} than in ${since}.`;
}

function lowest(runs: Report["trend"]): string {
  const known = runs.flatMap(({ at, overall_health_score }) =>
    overall_health_score === null ? [] : [{ at, score: overall_health_score }],
  );
  const [first] = known.toSorted((a, b) => a.score - b.score);
  return first === undefined
    ? ""
    : `The lowest of ${counted(runs.length, "run")} was ${scoreWords(first.score)}, on ${instantWords(first.at)}.`;
}

function tableOf(runs: Report["trend"]): Markup {
  const columns = ["Run", "Score", "Not healthy", "Buckets", "Stored", "Slowest reads", "Drift"];
  const rows = runs
    .slice(-ROWS)
    .toReversed()
    .map((run) => [
      html`<time datetime="${run.at}">${instantWords(run.at)}</time>`,
      scoreWords(run.overall_health_score),
      countWords(run.unhealthy_buckets),
      countWords(run.total_buckets),
      run.bytes === null ? "–" : bytesWords(run.bytes),
      run.latency_ms === null ? "–" : latencyWords(run.latency_ms),
      run.drift_findings === null ? "–" : countWords(run.drift_findings),
    ]);
  return table(
    "Runs, the newest first",
    columns.map((title, index) => ({ title, figures: index > 0 })),
    rows,
  );
}
