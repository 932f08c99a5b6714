import type { BackupEntry, Report } from "../../schema.ts";
import { type Content, html, name } from "../markup.ts";
import { notLooked, type Section } from "../section.ts";
import { longTable } from "../table.ts";
import { counted, countWords, instantAgo, spanWords } from "../words.ts";

const ROWS = 20;
const HOUR_MS = 3_600_000;

/** How old the last backup of each bucket is, and what its last drill proved. */
export function backups({ backups: found, generated_at }: Report): Section {
  const entries = "entries" in found ? found.entries : [];
  const wrong = entries.filter(
    (entry) => isLate(entry, generated_at) || entry.drill?.passed === false || entry.drill_overdue,
  ).length;
  const columns = ["Bucket", "Last", "May be old", "State", "Last drill", "RPO", "RTO"].map((title) => ({ title }));
  const rows = entries.map((entry) => rowOf(entry, generated_at));
  const all = countWords(entries.length);
  return {
    id: "backups",
    title: "Backups",
    count: "reason" in found ? "–" : wrong > 0 ? `${countWords(wrong)} of ${all}` : all,
    tone: wrong > 0 ? "warning" : "plain",
    body:
      "reason" in found
        ? notLooked(found.reason)
        : rows.length === 0
          ? html`<p class="note">No backup is planned in the platforms' files.</p>`
          : html`<p>A drill restores objects and compares them. RPO is what a loss would have cost at the drill, RTO how long restoring took.</p>
            ${longTable("The last backup of each bucket, and its last drill", columns, rows, ROWS)}`,
  };
}

function rowOf(entry: BackupEntry, now: string): Content[] {
  const { name: bucket, last_at, max_age_hours, drill } = entry;
  return [
    name(bucket),
    last_at === null ? html`<strong class="bad-text">never</strong>` : instantAgo(last_at, now),
    counted(max_age_hours, "hour"),
    isLate(entry, now) ? bad("too old") : good("in time"),
    [
      drill === null ? "never" : instantAgo(drill.at, now),
      ...(drill === null ? [] : [html` `, drill.passed ? good(extent(drill)) : bad("failed")]),
      ...(entry.drill_overdue ? [html` `, bad("overdue")] : []),
    ],
    drill === null ? "–" : spanWords(drill.loss_seconds * 1000),
    drill === null ? "–" : spanWords(drill.duration_seconds * 1000),
  ];
}

function isLate({ last_at, max_age_hours }: BackupEntry, now: string): boolean {
  return last_at === null || Date.parse(now) - Date.parse(last_at) > max_age_hours * HOUR_MS;
}

function extent({ sample, objects }: NonNullable<BackupEntry["drill"]>): string {
  return `${sample ? "sample of" : "all"} ${counted(objects, "object")}`;
}

const good = (words: string): Content => html`<span class="mark good" aria-hidden="true">✓</span> ${words}`;
const bad = (words: string): Content => html`<span class="mark critical" aria-hidden="true">✗</span> ${words}`;
