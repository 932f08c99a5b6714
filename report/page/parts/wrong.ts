import type { Report } from "../../schema.ts";
import { type Content, html, type Markup, name } from "../markup.ts";
import type { Place, Problem } from "../problems.ts";
import { calm, type Section } from "../section.ts";
import { MOST_PLACES } from "../shown-buckets.ts";
import { longTable } from "../table.ts";
import { counted, countWords } from "../words.ts";
import { bucketId } from "./bucket-id.ts";

/** Problems that are shown at once; the others open. */
const SHOWN = 12;
/** Places of a problem that are shown at once. */
const PLACES = 6;

/** What is wrong, and what somebody does about it. */
export function wrong(report: Report, all: readonly Problem[], shown: ReadonlySet<number>): Section {
  const problems = all.map((problem) => ({ ...problem, places: problem.places.map((place) => linked(place, shown)) }));
  const critical = problems.some(({ severity }) => severity === "critical");
  return {
    id: "wrong",
    title: "What is wrong",
    count: countWords(problems.length),
    tone: critical ? "critical" : problems.length > 0 ? "warning" : "good",
    body: problems.length === 0 ? none(report) : listed(problems),
  };
}

/** There is no line to go to of a bucket that isn't shown. */
function linked(place: Place, shown: ReadonlySet<number>): Place {
  return place.bucket === null || shown.has(place.bucket) ? place : { ...place, bucket: null };
}

function none({ total_buckets, not_looked }: Report): Content {
  if (total_buckets === 0) return html`<p>This report holds no bucket, so nothing was judged.</p>`;
  const rest = not_looked.length === 0 ? "" : ` ${counted(not_looked.length, "thing")} could not be looked at.`;
  return calm(`Nothing is wrong in what was looked at.${rest}`);
}

function listed(problems: readonly Problem[]): Markup {
  const [shown, rest] = [problems.slice(0, SHOWN), problems.slice(SHOWN)];
  const list = (some: readonly Problem[]): Markup => html`<ol class="problems">${some.map(item)}</ol>`;
  if (rest.length === 0) return list(shown);
  return html`${list(shown)}<details class="more"><summary>${rest.length} more</summary>${list(rest)}</details>`;
}

function item({ severity, title, cure, places }: Problem): Markup {
  return html`<li class="problem ${severity}">
    <h3><span class="badge ${severity}">${severity === "critical" ? "Critical" : "Warning"}</span> <span class="check">${title}</span>${
      places.length > 1 && html` <span class="places">in ${counted(places.length, "place")}</span>`
    }</h3>
    <p class="cure"><strong>Do:</strong> ${cure}</p>
    ${places.length === 1 ? places.map(single) : many(title, places)}</li>`;
}

function single({ label, bucket, expected, actual }: Place): Markup {
  return html`<dl class="facts"><div><dt>Where</dt><dd>${where(label, bucket)}</dd></div>${
    expected !== null && html`<div><dt>Expected</dt><dd>${expected}</dd></div>`
  }<div><dt>Found</dt><dd>${actual}</dd></div></dl>`;
}

function many(title: string, places: readonly Place[]): Markup {
  const hasExpected = places.some(({ expected }) => expected !== null);
  const columns = ["Where", ...(hasExpected ? ["Expected"] : []), "Found"].map((column) => ({ title: column }));
  const left = places.length - MOST_PLACES;
  const rows = places
    .slice(0, MOST_PLACES)
    .map(({ label, bucket, expected, actual }) => [where(label, bucket), ...(hasExpected ? [expected] : []), actual]);
  const rest = left > 0 && html`<p class="note">And ${countWords(left)} more, which report.json has.</p>`;
  return html`${longTable(`Where: ${title}`, columns, rows, PLACES)}${rest}`;
}

function where(label: string, bucket: number | null): Markup {
  return bucket === null || bucket < 0 ? name(label) : html`<a href="#${bucketId(bucket)}">${name(label)}</a>`;
}
