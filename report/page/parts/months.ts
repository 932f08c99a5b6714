import type { Report, RunSummary } from "../../schema.ts";
import { type Content, html } from "../markup.ts";
import { table } from "../table.ts";
import { bytesWords, instantWords, percentWords } from "../words.ts";

const MONTHS = 12;

/** What was stored at the end of each month, by the last run of it. */
export function months({ trend }: Report): Content {
  const known = trend.filter((run): run is RunSummary & { bytes: number } => run.bytes !== null);
  const last = new Map(known.map((run) => [run.at.slice(0, 7), run]));
  if (last.size < 2) return null;
  const all = [...last];
  const rows = all.map(([month, { at, bytes }], index) => {
    const before = all[index - 1]?.[1].bytes;
    return [month, bytesWords(bytes), before === undefined ? "–" : change(before, bytes), instantWords(at)];
  });
  const columns = [
    { title: "Month" },
    { title: "Stored", figures: true },
    { title: "Change", figures: true },
    { title: "Last run" },
  ];
  return html`<h3>Month by month</h3>${table("Stored at the last run of each month", columns, rows.slice(-MONTHS).toReversed())}`;
}

function change(before: number, now: number): string {
  const sign = now >= before ? "+" : "−";
  const share = before === 0 ? "" : ` (${sign}${percentWords((100 * Math.abs(now - before)) / before)})`;
  return `${sign}${bytesWords(Math.abs(now - before))}${share}`;
}
