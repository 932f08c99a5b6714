import { html, type Markup } from "./markup.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The unit that bytes are told in: 1024 for KiB. */
export function byteUnit(bytes: number): number {
  return 1024 ** (bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1));
}

/** `1.24 TiB`: three digits, in powers of 1024. */
export function bytesWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const scaled = bytes / 1024 ** power;
  // 1023.9 MiB would be rounded to four digits.
  if (power > 0 && scaled >= 999.5 && power < UNITS.length - 1)
    return `${(scaled / 1024).toFixed(2)} ${UNITS[power + 1]}`;
  const digits = power === 0 ? 0 : scaled < 10 ? 2 : scaled < 100 ? 1 : 0;
  return `${scaled.toFixed(digits)} ${UNITS[power]}`;
}

/** `1,234,567` */
export function countWords(count: number): string {
  return new Intl.NumberFormat("en").format(count);
}

/** `1,234.50`, in whatever currency the price was */
export function amountWords(amount: number): string {
  return new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(amount);
}

/** `3 buckets`, `1 bucket` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countWords(count)} ${count === 1 ? one : many}`;
}

/** A score as the report has it: rounded down already. */
export function scoreWords(score: number | null): string {
  return score === null ? "–" : (Math.floor(score * 10) / 10).toFixed(1);
}

export function percentWords(percent: number): string {
  if (percent > 0 && percent < 0.1) return "under 0.1%";
  return `${percent < 10 && percent > 0 ? percent.toFixed(1) : Math.floor(percent)}%`;
}

/** @param milliseconds of a request */
export function latencyWords(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds > 0 && milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** `26 hours`, as long as somebody would say it. @param milliseconds not below 0 */
export function spanWords(milliseconds: number): string {
  if (milliseconds < 1.5 * MINUTE) return counted(Math.round(milliseconds / 1000), "second");
  if (milliseconds < 1.5 * HOUR) return counted(Math.round(milliseconds / MINUTE), "minute");
  if (milliseconds < 2 * DAY) return counted(Math.round(milliseconds / HOUR), "hour");
  return counted(Math.round(milliseconds / DAY), "day");
}

/** `2026-11-29 09:00 UTC` */
export function instantWords(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** An instant, and how long before the report it was. */
export function instantAgo(instant: string, reportAt: string): Markup {
  const span = Date.parse(reportAt) - Date.parse(instant);
  const ago = span >= 0 ? `${spanWords(span)} ago` : `in ${spanWords(-span)}`;
  return html`<time datetime="${instant}">${instantWords(instant)}</time> <span class="ago">${ago}</span>`;
}

/** Days as people say them: `1 week` is `7 days`, a year and more in years. */
export function agesWords(from: number, to: number | null): string {
  if (to === null) return `${countWords(from)} days and more`;
  return from === 0 ? `under ${counted(to, "day")}` : `${countWords(from)} to ${countWords(to)} days`;
}
