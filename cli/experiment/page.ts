import { createHash } from "node:crypto";
import { areaY, dot, lineY, ruleX, ruleY } from "@observablehq/plot";
import { html, Markup, name } from "../../report/page/markup.ts";
import { drawn } from "../../report/page/plots/plot.ts";
import { STYLE } from "../../report/page/style/style.ts";
import type { Look } from "./engine.ts";
import type { Judged } from "./judged.ts";
import { figure, measureWords, signed, verdictWords } from "./words.ts";

/** One HTML text that asks nothing of any network and has no script: to keep, to send, to print. */
export function experimentPage(content: Judged): string {
  const { experiment, analysis } = content;
  const body = html`<body>${header(content)}<main>${verdict(content)}${analysis.verdict === "mismatch" ? null : results(content)}
    ${units(content)}${method(content)}</main></body>`;
  const digest = createHash("sha256").update(STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  const head = html`<head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <title>${verdictWords(analysis)} · ${experiment.name} · experiment</title><style>${new Markup(STYLE)}</style></head>`;
  return `<!doctype html>\n${html`<html lang="en">${head}${body}</html>`.text}\n`;
}

function header({ platform, experiment, at }: Judged): Markup {
  return html`<header><p class="eyebrow">Bucketworks · experiment of ${platform}</p><h1>${name(experiment.name)}</h1>
    <p class="meta"><span>${experiment.description}</span> <span><time datetime="${at.toISOString()}">${at.toISOString()}</time></span></p></header>`;
}

function verdict({ experiment, plan, analysis, stopped }: Judged): Markup {
  const total = Object.values(analysis.looks.at(-1)?.units ?? {}).reduce((all, count) => all + count, 0);
  return html`<section id="verdict"><h2>Verdict: ${verdictWords(analysis)}</h2>
    ${analysis.reasons.map((reason) => html`<p>${reason}</p>`)}
    <p>${total} of ${plan.units} planned units; ${experiment.metric.baseline} was expected without it, and a difference of
    ${experiment.minimumEffect} is to be found in ${Math.round(plan.power * 100)} of 100 experiments.</p>
    ${stopped !== null && html`<p>Stopped at ${stopped.stoppedAt.toISOString()} by ${name(stopped.stoppedBy)}: ${stopped.reason}</p>`}</section>`;
}

function results({ experiment, plan, analysis }: Judged): Markup {
  const last = analysis.looks.at(-1);
  if (last === undefined) return html``;
  const percent = Number(((1 - plan.alpha) * 100).toFixed(2));
  const metrics = [
    { key: "metric", title: measureWords(experiment.metric) },
    ...experiment.guardrails.map((each) => ({
      key: each.name,
      title: `Guardrail ${each.name}: ${measureWords(each)}`,
    })),
  ];
  return html`${metrics.map(({ key, title }) => {
    const found = last.metrics[key];
    const rows = experiment.variants.map((variant) => {
      const difference = found?.differences[variant.name];
      const told = difference
        ? html`<td>${signed(difference.estimate)}</td><td>${signed(difference.low)} to ${signed(difference.high)}</td>`
        : html`<td>${variant.name === experiment.control ? "control" : "-"}</td><td></td>`;
      return html`<tr><th scope="row">${name(variant.name)}</th><td>${last.units[variant.name] ?? 0}</td><td>${figure(found?.means[variant.name])}</td>${told}</tr>`;
    });
    const others = experiment.variants.filter((variant) => variant.name !== experiment.control);
    return html`<section><h2>${title}</h2>
      <table><thead><tr><th>Variant</th><th>Units</th><th>Mean</th><th>Difference</th><th>${percent} % interval</th></tr></thead><tbody>${rows}</tbody></table>
      ${others.map((variant) => differencePlot(analysis.looks, key, variant.name))}</section>`;
  })}`;
}

/** The interval over the looks: it narrows, and says something as soon as 0 is outside. */
function differencePlot(looks: readonly Look[], metric: string, variant: string): Markup {
  const points = looks.flatMap(({ at, metrics }) => {
    const found = metrics[metric]?.differences[variant];
    return found ? [{ at: new Date(at), ...found }] : [];
  });
  if (points.length === 0) return html`<p>${name(variant)}: nothing can be said yet.</p>`;
  // The first intervals are so wide that nothing else would be seen.
  const widest = Math.max(
    ...points.slice(Math.floor(points.length / 4)).flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]),
  );
  const inside = (value: number): number => Math.max(-widest, Math.min(widest, value));
  const label = `Difference of ${variant} from the control over the looks, with its interval`;
  return drawn(label, { wide: 640, narrow: 290 }, (width) => ({
    height: 220,
    marginLeft: 62,
    x: { type: "utc", label: null, ticks: width < 300 ? 3 : 6 },
    y: { domain: [-widest * 1.05, widest * 1.05], label: null, grid: true, ticks: 5 },
    marks: [
      areaY(points, {
        x: "at",
        y1: ({ low }: (typeof points)[number]) => inside(low),
        y2: ({ high }: (typeof points)[number]) => inside(high),
        fill: "var(--accent)",
        fillOpacity: 0.15,
      }),
      ruleX(points, {
        x: "at",
        y1: ({ low }: (typeof points)[number]) => inside(low),
        y2: ({ high }: (typeof points)[number]) => inside(high),
        stroke: "var(--accent)",
      }),
      lineY(points, { x: "at", y: "estimate", stroke: "var(--accent)", strokeWidth: 2 }),
      dot(points, { x: "at", y: "estimate", r: 3, fill: "var(--accent)" }),
      ruleY([0], { strokeDasharray: "4 3" }),
    ],
  }));
}

function units({ experiment, plan, analysis }: Judged): Markup {
  const points = analysis.looks.flatMap(({ at, units: counts }) =>
    experiment.variants.map((variant) => ({
      at: new Date(at),
      variant: variant.name,
      count: counts[variant.name] ?? 0,
    })),
  );
  const last = analysis.looks.at(-1);
  if (last === undefined) return html``;
  const rows = experiment.variants.map(
    ({ name: variant, share, alias }) =>
      html`<tr><th scope="row">${name(variant)}</th><td>${alias}</td><td>${share} in 100</td><td>${last.units[variant] ?? 0}</td><td>${plan.perVariant[variant] ?? 0}</td></tr>`,
  );
  return html`<section><h2>Who took part</h2>
    <table><thead><tr><th>Variant</th><th>Alias</th><th>Share</th><th>Units</th><th>Planned</th></tr></thead><tbody>${rows}</tbody></table>
    <p>Chance of a split as uneven as this one: ${figure(last.splitChance)}. Units that saw two variants, and are in no count: ${last.inTwo}.</p>
    ${drawn("Units of each variant over the looks", { wide: 640, narrow: 290 }, (width) => ({
      height: 180,
      marginLeft: 62,
      x: { type: "utc", label: null, ticks: width < 300 ? 3 : 6 },
      y: { label: null, grid: true, ticks: 4, zero: true },
      marks: [
        lineY(points, { x: "at", y: "count", z: "variant", stroke: "var(--accent)" }),
        dot(points, { x: "at", y: "count", r: 2, fill: "var(--accent)", title: "variant" }),
      ],
    }))}</section>`;
}

function method({ experiment, plan }: Judged): Markup {
  return html`<section><h2>How it was judged</h2><p>By confidence sequences of GrowthBook's gbstats 0.8.0 (Waudby-Smith et al., arXiv
    2103.06476), narrowest at the planned ${plan.units} units: they hold at all looks together. One variant is compared at
    ${Number(((1 - plan.alpha) * 100).toFixed(2))} %, so that all ${experiment.variants.length - 1} comparisons together hold at
    ${Number((experiment.confidence * 100).toFixed(2))} %. Units that saw one variant alone are judged, by what they did after it had answered them first.</p></section>`;
}
