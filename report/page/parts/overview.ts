import type { Report } from "../../schema.ts";
import { type Content, html, type Markup } from "../markup.ts";
import type { Problem } from "../problems.ts";
import type { Tone } from "../tone.ts";
import { bytesWords, counted, countWords, scoreWords } from "../words.ts";

/** The first thing to see: one score, one sentence, and the few figures that matter. */
export function overview(report: Report, problems: readonly Problem[]): Markup {
  const tone = toneOf(report, problems);
  return html`<section class="overview" aria-labelledby="overview"><h2 id="overview" class="spoken">Overview</h2>
    <div class="score ${tone}">${ring(report.overall_health_score)}
      <p class="figure-big"><span class="number">${scoreWords(report.overall_health_score)}</span><span class="of"> of 100</span></p>
      <p class="label">health score</p></div>
    <div class="verdict"><p class="sentence">${sentence(report, problems)}</p>
      <dl class="cards">${cards(report)}</dl></div>
    <details class="formula"><summary>How the score is computed</summary><p>${whole(report.score_formula)}</p></details></section>`;
}

/** Text is cut at some length; by its clauses the formula isn't. */
function whole(formula: string): Content {
  return formula.split("; ").map((clause, index) => [index > 0 && "; ", clause]);
}

/** What the whole report comes to. */
export function toneOf({ overall_health_score }: Report, problems: readonly Problem[]): Tone {
  if (problems.some(({ severity }) => severity === "critical")) return "critical";
  if (overall_health_score === null) return "plain";
  return overall_health_score === 100 && problems.length === 0 ? "good" : "warning";
}

function sentence(
  { total_buckets, unhealthy_buckets, overall_health_score }: Report,
  problems: readonly Problem[],
): string {
  if (total_buckets === 0) return "There is no bucket to look at.";
  if (overall_health_score === null) return "Nothing could be looked at.";
  const critical = problems.filter(({ severity }) => severity === "critical").length;
  const warnings = problems.length - critical;
  const words = [
    ...(critical > 0 ? [counted(critical, "critical problem")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ].join(" and ");
  if (words === "")
    return `All ${counted(total_buckets, "bucket")} are as their specs say.`.replace(
      "All 1 bucket are",
      "The bucket is",
    );
  const state =
    unhealthy_buckets === 0
      ? "every bucket is healthy"
      : `${unhealthy_buckets} of ${counted(total_buckets, "bucket")} ${unhealthy_buckets === 1 ? "isn't" : "aren't"} healthy`;
  return `${words}; ${state}.`;
}

function cards(report: Report): Content {
  const unknown = report.buckets.filter(({ status }) => status === "unknown").length;
  const used = report.buckets.flatMap(({ usage }) => (usage === null ? [] : [usage]));
  const sum = (figures: readonly number[]): number => figures.reduce((all, figure) => all + figure, 0);
  const partial =
    used.length < report.buckets.length ? `in ${used.length} of ${counted(report.buckets.length, "bucket")}` : "";
  const drift = "findings" in report.drift ? report.drift.findings.length : null;
  const alerts = "entries" in report.alerts ? report.alerts.entries.length : null;
  return [
    card(
      "Healthy buckets",
      `${countWords(report.healthy_buckets)} of ${countWords(report.total_buckets)}`,
      unknown === 0 ? "" : `${unknown} unknown`,
    ),
    card("Stored", used.length === 0 ? null : bytesWords(sum(used.map(({ bytes }) => bytes))), partial),
    card("Objects", used.length === 0 ? null : countWords(sum(used.map(({ objects }) => objects))), partial),
    card("Drift", drift === null ? null : countWords(drift), drift === 1 ? "difference" : "differences"),
    card("Alerts that fire", alerts === null ? null : countWords(alerts), ""),
  ];
}

function card(title: string, figure: string | null, detail: string): Markup {
  return html`<div class="card"><dt>${title}</dt><dd><span class="number">${figure ?? "–"}</span> <span class="detail">${
    figure === null ? "not looked at" : detail
  }</span></dd></div>`;
}

function ring(score: number | null): Markup {
  return html`<svg class="ring" viewBox="0 0 120 120" aria-hidden="true" focusable="false"><circle class="track" cx="60" cy="60" r="54" pathLength="100"/><circle class="value" cx="60" cy="60" r="54" pathLength="100" stroke-dasharray="${(score ?? 0).toFixed(1)} 100" transform="rotate(-90 60 60)"/></svg>`;
}
