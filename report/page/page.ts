import { createHash } from "node:crypto";
import type { Report } from "../schema.ts";
import { html, Markup, name } from "./markup.ts";
import { access } from "./parts/access.ts";
import { ages } from "./parts/ages.ts";
import { backups } from "./parts/backups.ts";
import { buckets } from "./parts/buckets.ts";
import { databaseBackups } from "./parts/database-backups.ts";
import { overview, toneOf } from "./parts/overview.ts";
import { platforms } from "./parts/platforms.ts";
import { replication } from "./parts/replication.ts";
import { alerts, drift, gaps } from "./parts/server-wide.ts";
import { storage } from "./parts/storage.ts";
import { trend } from "./parts/trend.ts";
import { wrong } from "./parts/wrong.ts";
import { problemsOf } from "./problems.ts";
import { SCRIPT } from "./script.ts";
import type { Section } from "./section.ts";
import { ofShown, shownBuckets } from "./shown-buckets.ts";
import { STYLE } from "./style/style.ts";
import type { Tone } from "./tone.ts";
import { instantWords, scoreWords, spanWords } from "./words.ts";

const ICONS: Readonly<Record<Tone, string>> = {
  good: "2f7d5b",
  warning: "b7791f",
  critical: "b3261e",
  plain: "64748b",
};

/** One HTML text that asks nothing of any network and needs no script: to keep, to send, to print. */
export function reportPage(report: Report): string {
  const problems = problemsOf(report);
  const shown = shownBuckets(report);
  const sections = [
    wrong(report, problems, shown),
    platforms(report),
    buckets(report, shown),
    trend(report),
    storage(report, shown),
    ages(report, shown),
    access(ofShown(report, shown)),
    drift(report),
    backups(report),
    databaseBackups(report),
    replication(report),
    alerts(report),
    gaps(report),
  ];
  const body = html`<body><a class="skip" href="#wrong">Skip to what is wrong</a>
    ${header(report)}<div class="columns">${contents(sections)}
    <main>${overview(report, problems)}${sections.map(section)}</main></div>${footer(report)}
    <script>${new Markup(SCRIPT)}</script></body>`;
  return `<!doctype html>\n${html`<html lang="en">${head(report, toneOf(report, problems))}${body}</html>`.text}\n`;
}

function head({ stage, overall_health_score }: Report, tone: Tone): Markup {
  const policy = `default-src 'none'; style-src '${digest(STYLE)}'; script-src '${digest(SCRIPT)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const icon = `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23${ICONS[tone]}'/%3E%3C/svg%3E`;
  return html`<head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>${overall_health_score === null ? "no score" : `${scoreWords(overall_health_score)} of 100`} · ${stage} · storage report</title>
    <link rel="icon" href="${new Markup(icon)}">
    <style>${new Markup(STYLE)}</style></head>`;
}

/** As a policy of content admits what stands in the page itself. */
function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function header({ stage, server, generated_at, duration_seconds }: Report): Markup {
  const kind = [server.kind, server.version].filter((part) => part !== null).join(" ");
  return html`<header><p class="eyebrow">Bucketworks · storage report</p><h1>${name(stage)}</h1>
    <p class="meta"><span>${name(server.url)}${kind !== "" && html` <span class="ago">${kind}</span>`}</span>
    <span><time datetime="${generated_at}" data-now>${instantWords(generated_at)}</time><span class="ago" data-age></span></span>
    <span class="ago">took ${spanWords(duration_seconds * 1000)}; ages on this page are as of then</span></p></header>`;
}

function contents(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Contents"><ul>${sections.map(
    ({ id, title, count, tone }) =>
      html`<li><a href="#${id}" class="${tone}"><span>${title}</span>${count !== null && html` <span class="count">${count}</span>`}</a></li>`,
  )}</ul></nav>`;
}

function section({ id, title, body }: Section): Markup {
  return html`<section id="${id}" tabindex="-1" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;
}

function footer({ schemaVersion, generated_at }: Report): Markup {
  return html`<footer><p>Made from report.json, version ${schemaVersion} of its schema, on ${instantWords(generated_at)}. Sizes are in powers of 1024, times in UTC.</p></footer>`;
}
