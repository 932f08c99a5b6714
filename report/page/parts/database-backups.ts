import type { DatabaseBackupEntry, Report } from "../../schema.ts";
import { type Content, html, name } from "../markup.ts";
import { notLooked, type Section } from "../section.ts";
import { longTable } from "../table.ts";
import { counted, countWords, instantAgo, spanWords } from "../words.ts";

const ROWS = 20;
const HOUR_MS = 3_600_000;

/** How old the last base backup and the newest archived log of each PostgreSQL server are, and what its last drill proved. */
export function databaseBackups({ database_backups: found, generated_at }: Report): Section {
  const entries = "entries" in found ? found.entries : [];
  const wrong = entries.filter((entry) => isLate(entry, generated_at)).length;
  const columns = ["Server", "Base backup", "May be old", "State", "From", "Until", "Last drill", "RPO", "RTO"];
  const rows = entries.map((entry) => rowOf(entry, generated_at));
  const all = countWords(entries.length);
  return {
    id: "database-backups",
    title: "Backups of databases",
    count: "reason" in found ? "–" : wrong > 0 ? `${countWords(wrong)} of ${all}` : all,
    tone: wrong > 0 ? "warning" : "plain",
    body:
      "reason" in found
        ? notLooked(found.reason)
        : rows.length === 0
          ? html`<p class="note">The bucket has no backup of a database yet.</p>`
          : html`<p>Moments between From and Until can be restored, but for gaps, which <code>bucketworks database list</code> finds. RPO is what a loss
            would have cost at the drill, RTO how long restoring took.</p>
            ${longTable(
              "The last base backup of each PostgreSQL server, and its last drill",
              columns.map((title) => ({ title })),
              rows,
              ROWS,
            )}`,
  };
}

function rowOf(entry: DatabaseBackupEntry, now: string): Content[] {
  const {
    server,
    is_current,
    last_base_at: base,
    max_age_hours,
    recoverable_from: from,
    recoverable_until: until,
  } = entry;
  const { drill } = entry;
  const mark = (isGood: boolean, words: string): Content =>
    html`<span class="mark ${isGood ? "good" : "critical"}" aria-hidden="true">${isGood ? "✓" : "✗"}</span> ${words}`;
  return [
    name(server),
    base === null ? html`<strong class="bad-text">never</strong>` : instantAgo(base, now),
    counted(max_age_hours, "hour"),
    is_current ? mark(!isLate(entry, now), isLate(entry, now) ? "too old" : "in time") : "a server before",
    from === null ? "–" : instantAgo(from, now),
    until === null ? "–" : instantAgo(until, now),
    drill === null
      ? "never"
      : [
          instantAgo(drill.at, now),
          html` `,
          mark(drill.gaps === 0, drill.gaps === 0 ? counted(drill.tables, "table") : counted(drill.gaps, "gap")),
        ],
    drill === null || drill.loss_seconds === null ? "–" : spanWords(drill.loss_seconds * 1000),
    drill === null ? "–" : spanWords(drill.restore_seconds * 1000),
  ];
}

function isLate({ is_current, last_base_at: at, max_age_hours }: DatabaseBackupEntry, now: string): boolean {
  return is_current && (at === null || Date.parse(now) - Date.parse(at) > max_age_hours * HOUR_MS);
}
