import type { Report } from "../../schema.ts";
import { html, name } from "../markup.ts";
import { calm, notLooked, type Section } from "../section.ts";
import { longTable } from "../table.ts";
import { countWords, instantAgo } from "../words.ts";

const ROWS = 20;

/** Where the server differs from the specs, buckets among it. */
export function drift({ drift: found }: Report): Section {
  const looked = "findings" in found;
  const rows = looked
    ? found.findings.map(({ name: thing, kind, path, expected, actual, cure }) => [
        name(thing),
        kind,
        name(path),
        expected,
        actual,
        cure,
      ])
    : [];
  const columns = ["Name", "Kind", "Where", "Expected", "Found", "Do"].map((title) => ({ title }));
  return {
    id: "drift",
    title: "Drift",
    count: looked ? countWords(rows.length) : "–",
    tone: rows.length > 0 ? "warning" : "plain",
    body: !looked
      ? notLooked(found.reason)
      : rows.length === 0
        ? calm("The server is as the specs say, and holds nothing else.")
        : longTable("Where the server differs from the specs", columns, rows, ROWS),
  };
}

/** Alerts that fire in this moment. */
export function alerts({ alerts: found, generated_at }: Report): Section {
  const looked = "entries" in found;
  const rows = looked
    ? found.entries.map(({ name: alert, severity, platform, since, summary }) => [
        name(alert),
        html`<span class="badge ${severity === "critical" ? "critical" : "warning"}">${severity}</span>`,
        platform === null ? "–" : name(platform),
        instantAgo(since, generated_at),
        summary,
      ])
    : [];
  const columns = ["Alert", "Severity", "Platform", "Since", "Summary"].map((title) => ({ title }));
  return {
    id: "alerts",
    title: "Alerts",
    count: looked ? countWords(rows.length) : "–",
    tone: rows.length > 0 ? "warning" : "plain",
    body: !looked
      ? notLooked(found.reason)
      : rows.length === 0
        ? calm("No alert fires.")
        : longTable("Alerts that fire", columns, rows, ROWS),
  };
}

/** What this report says nothing of, and why. */
export function gaps({ not_looked }: Report): Section {
  return {
    id: "not-looked",
    title: "Not looked at",
    count: countWords(not_looked.length),
    tone: "plain",
    body:
      not_looked.length === 0
        ? calm("Everything that was asked for was looked at.")
        : html`<dl class="gaps">${not_looked.map(({ what, reason }) => html`<div><dt>${what}</dt><dd>${reason}</dd></div>`)}</dl>`,
  };
}
