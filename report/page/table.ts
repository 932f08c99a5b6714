import { type Content, html, type Markup } from "./markup.ts";
import type { Tone } from "./tone.ts";

export interface Column {
  readonly title: string;
  /** Figures stand at the right, one below the other. */
  readonly figures?: boolean;
  /** Each of its cells is a bar and a figure. */
  readonly bars?: boolean;
}

/** So many columns fit into the narrowest screen, figures among them. */
const NARROW = 3;

/** A table with a caption; the first cell of a row is its heading. A wide one scrolls in itself. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const align = ({ figures, bars }: Column): Markup | null =>
    bars ? html` class="barred figure"` : figures ? html` class="figure"` : null;
  const drawn = html`<table>
    <caption>${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col"${align(column)}>${column.title}</th>`)}</tr></thead>
    <tbody>${rows.map(
      ([head, ...cells]) =>
        html`<tr><th scope="row">${head ?? null}</th>${cells.map(
          (cell, index) => html`<td${align(columns[index + 1] ?? { title: "" })}>${cell}</td>`,
        )}</tr>`,
    )}</tbody></table>`;
  const fits =
    columns.length < NARROW || (columns.length === NARROW && columns.some(({ figures, bars }) => figures || bars));
  return fits ? drawn : scrolling(caption, drawn);
}

/** What may be wider than the screen: reached by keyboard, too. */
export function scrolling(label: string, content: Markup): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">${content}</div>`;
}

/** The first rows of a table, and the others below a heading to open. */
export function longTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  limit: number,
): Markup {
  if (rows.length <= limit + 2) return table(caption, columns, rows);
  const rest = rows.length - limit;
  return html`${table(caption, columns, rows.slice(0, limit))}
    <details class="more"><summary>${rest} more</summary>
    ${table(`${caption}: ${rest} more`, columns, rows.slice(limit))}</details>`;
}

/** A bar for the eye alone: its figure stands beside it. @param percent what is more than 100 is drawn as 100 */
export function bar(percent: number, tone: Tone = "plain"): Markup {
  const width = Math.ceil(Math.max(0, Math.min(100, percent)));
  return html`<i class="bar ${tone === "plain" ? "" : `${tone} `}w${width}"></i>`;
}
