import type { Report } from "../../schema.ts";
import { groupsBy } from "../groups.ts";
import { type Content, html, type Markup, name } from "../markup.ts";
import { scrolling } from "../table.ts";
import { inOrder, letterOf } from "./action-letters.ts";

export type Entries = Extract<Report["access"], { readonly entries: unknown }>["entries"];
type Entry = Entries[number];

/** What all matrices of a page have in common. */
export interface MatrixShape {
  /** Buckets by their place in the report. */
  readonly order: ReadonlyMap<string, number>;
  /** All actions of the page: each has its place in a cell. */
  readonly actions: readonly string[];
}

const KINDS = { user: "user", service_account: "service account", anyone: "without a key" } as const;

/**
 * Identities by buckets. Roles are written out: on a narrow screen and in print its rows become lists, and a table that
 * isn't drawn as one is none for screen readers.
 */
export function accessMatrix(platform: string | null, entries: Entries, { order, actions }: MatrixShape): Markup {
  const buckets = [...new Set(entries.map(({ bucket }) => bucket))].toSorted(
    (a, b) => (order.get(a) ?? order.size) - (order.get(b) ?? order.size) || a.localeCompare(b, "en"),
  );
  const notes = new Notes();
  const rows = [...groupsBy(entries, ({ kind, identity }) => JSON.stringify([kind, identity])).values()].toSorted(
    ([a], [b]) => rank(a) - rank(b) || (a?.identity ?? "").localeCompare(b?.identity ?? "", "en"),
  );
  const body = rows.map((row) => identityRow(row, buckets, (entry) => right(entry, actions, notes)));
  const caption = `Rights of ${platform === null ? "identities of no platform" : `identities of ${platform}`}`;
  return html`${scrolling(
    caption,
    html`<table class="matrix" role="table">
    <caption>${caption}</caption>
    <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Identity</th>${buckets.map(
      (bucket) =>
        html`<th scope="col" role="columnheader" class="turned" title="${bucket}"><span>${name(bucket)}</span></th>`,
    )}</tr></thead><tbody role="rowgroup">${body}</tbody></table>`,
  )}${notes.list()}`;
}

/** What anybody may do is seen first. */
function rank(entry: Entry | undefined): number {
  return entry?.kind === "anyone" ? 0 : 1;
}

function identityRow(row: Entries, buckets: readonly string[], drawn: (entry: Entry) => Markup): Content {
  const [first] = row;
  if (first === undefined) return null;
  const cells = buckets.map((bucket) => {
    const some = row.filter((entry) => entry.bucket === bucket);
    if (some.length === 0) return html`<td role="cell"></td>`;
    return html`<td role="cell"><span class="in">${bucket}</span>${some.map(drawn)}</td>`;
  });
  const unsure = row.some(({ confirmed }) => confirmed !== true);
  return html`<tr role="row" data-row="access"${unsure && html` data-unsure`}><th scope="row" role="rowheader">${name(first.identity)} <span class="kind">${KINDS[first.kind]}</span></th>${cells}</tr>`;
}

/** The sign of what tries said comes from the style sheet, with its words for screen readers. */
function right({ actions, prefixes, confirmed }: Entry, places: readonly string[], notes: Notes): Markup {
  const tone = confirmed === null ? "untried" : confirmed ? "good" : "critical";
  const all = actions.length === 0 ? "nothing" : inOrder(actions).join(", ");
  const letters = places.map((action) => (actions.includes(action) ? letterOf(action) : html`<s>·</s>`));
  return html`<span class="right ${tone}"><b aria-hidden="true">${letters}</b><i>${all}</i>${prefixes.length > 0 && html`<sup>${notes.numberOf(prefixes)}</sup>`}</span>`;
}

/** Prefixes are long and few: a number stands for those of a right. */
class Notes {
  readonly #numbers = new Map<string, { readonly number: number; readonly prefixes: readonly string[] }>();

  numberOf(prefixes: readonly string[]): number {
    const key = JSON.stringify(prefixes);
    const known = this.#numbers.get(key) ?? { number: this.#numbers.size + 1, prefixes };
    this.#numbers.set(key, known);
    return known.number;
  }

  list(): Content {
    if (this.#numbers.size === 0) return null;
    return html`<ol class="notes">${[...this.#numbers.values()].map(
      ({ prefixes }) => html`<li>only below ${prefixes.map((prefix, index) => [index > 0 && ", ", name(prefix)])}</li>`,
    )}</ol>`;
  }
}
