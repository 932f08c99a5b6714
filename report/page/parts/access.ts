import type { Report } from "../../schema.ts";
import { groupsBy } from "../groups.ts";
import { type Content, html, type Markup, name } from "../markup.ts";
import { notLooked, type Section } from "../section.ts";
import { counted, countWords } from "../words.ts";
import { accessMatrix, type Entries, type MatrixShape } from "./access-matrix.ts";
import { inOrder, letterOf } from "./action-letters.ts";

/** Who may do what: a matrix a platform, of its identities and the buckets that they reach. */
export function access(report: Report): Section {
  const entries = "entries" in report.access ? report.access.entries : [];
  const identities = new Set(entries.map(({ platform, identity }) => JSON.stringify([platform, identity]))).size;
  const disagreed = entries.filter(({ confirmed }) => confirmed === false).length;
  return {
    id: "access",
    title: "Who may do what",
    count:
      "reason" in report.access ? "–" : disagreed > 0 ? `${countWords(disagreed)} disagreed` : countWords(identities),
    tone: disagreed > 0 ? "warning" : "plain",
    body: "reason" in report.access ? notLooked(report.access.reason) : shown(report, entries, identities),
  };
}

function shown(report: Report, entries: Entries, identities: number): Content {
  if (entries.length === 0) return html`<p class="note">No identity may do anything in the buckets of this report.</p>`;
  const groups = [...groupsBy(entries, ({ platform }) => platform)].toSorted(([a], [b]) =>
    (a ?? "~").localeCompare(b ?? "~", "en"),
  );
  const order = new Map(report.buckets.map(({ name: bucket }, index) => [bucket, index]));
  const actions = inOrder(entries.flatMap(({ actions: some }) => some));
  return html`<p>${counted(identities, "identity", "identities")} reach ${counted(new Set(entries.map(({ bucket }) => bucket)).size, "bucket")}, by their effective policies on the server. ${confirmation(entries)}</p>
    ${legend(actions)}
    <p class="tools" data-tools hidden><label>Find an identity or a bucket <input type="search" data-filter="access" autocomplete="off"></label>
    <label class="check-box"><input type="checkbox" data-only="access"> Only rights that tries didn't confirm</label></p>
    <p class="nothing" data-nothing="access" role="status"></p>
    ${groups.map(([platform, some], index) => group(platform, some, { order, actions }, index))}`;
}

function confirmation(entries: Entries): string {
  const count = (confirmed: boolean | null): number => entries.filter((entry) => entry.confirmed === confirmed).length;
  const [agreed, disagreed, untried] = [count(true), count(false), count(null)];
  if (untried === entries.length) return "None of this was tried.";
  const parts = [
    ...(disagreed > 0 ? [`${countWords(disagreed)} disagreed`] : []),
    ...(untried > 0 ? [`${countWords(untried)} weren't tried`] : []),
  ];
  return `Tries confirmed ${countWords(agreed)} of ${counted(entries.length, "line")}${parts.length > 0 ? `; ${parts.join(", ")}` : ""}.`;
}

function legend(actions: readonly string[]): Markup {
  return html`<ul class="legend" aria-label="What the letters and signs mean">${actions.map(
    (action) => html`<li class="letter"><b>${letterOf(action)}</b> ${action}</li>`,
  )}<li><span class="mark good">✓</span> tries agreed</li><li><span class="mark critical">✗</span> tries disagreed</li><li><span class="mark untried">○</span> not tried</li></ul>`;
}

function group(platform: string | null, entries: Entries, shape: MatrixShape, index: number): Markup {
  const identities = new Set(entries.map(({ identity }) => identity)).size;
  const buckets = new Set(entries.map(({ bucket }) => bucket)).size;
  const title = platform === null ? html`Of no platform` : name(platform);
  return html`<details class="group matrix-group"${index === 0 && html` open`}><summary><h3>${title} <span class="places">${counted(
    identities,
    "identity",
    "identities",
  )}, ${counted(buckets, "bucket")}</span></h3></summary>${accessMatrix(platform, entries, shape)}</details>`;
}
