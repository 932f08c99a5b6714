/** Days of the units people write, by their first letters. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^d(?:ays?)?$/, 1],
  [/^w(?:(?:ee)?ks?)?$/, 7],
  [/^mo(?:n(?:ths?)?)?$/, 30],
  [/^y(?:(?:ea)?rs?)?$/, 365],
  [/^h(?:(?:ou)?rs?)?$/, 1 / 24],
];
/** ISO 8601 has one letter a unit, and `M` before the `T` is months. */
const ISO_UNITS: Readonly<Record<string, string>> = { d: "days", w: "weeks", m: "months", y: "years" };

/** A duration in days, or null: `90d`, `3 months`, `P1Y`. A month is 30 days, a year 365. */
export function daysIn(text: string): number | null {
  const iso = /^p(\d+)([dwmy])$/i.exec(text.trim());
  const parts = iso ?? /^(\d+)[\s_-]*([a-z]+)\.?$/i.exec(text.trim());
  const letters = (parts?.[2] ?? "").toLowerCase();
  const unit = iso === null ? letters : (ISO_UNITS[letters] ?? "");
  const days = UNITS.find(([name]) => name.test(unit))?.[1];
  return parts === null || days === undefined ? null : Number(parts[1]) * days;
}

/** What to write instead of a duration in words, or null where the text is none. */
export function daysFix(text: string): string | null {
  if (/^(?:never|for ?-?ever|infinite|unlimited|none)$/i.test(text.trim())) return "to have none, remove the key";
  const days = daysIn(text);
  if (days === null) return null;
  if (days < 1) return "write 1 or more: a lifecycle counts whole days";
  const whole = Math.ceil(days);
  const length = /mo|m$/i.test(text)
    ? " (a month as 30 days)"
    : /y/i.test(text) && !/day/i.test(text)
      ? " (a year as 365 days)"
      : "";
  return `write ${whole}: the number of days${length}`;
}

/** What to write for the duration that people mean: `3600` is seconds, `1d` 24 hours; an example where nobody can tell. */
export function secondsFix(given: string | number): string {
  const [, count = "", unit = ""] = /^(\d+)\s*([a-z]*)$/i.exec(String(given).trim()) ?? [];
  const days = unit === "" ? null : daysIn(`${count}${unit}`);
  const size = /^(?:s(?:ec(?:ond)?s?)?)?$/i.test(unit) ? 1 : /^m(?:in(?:ute)?s?)?$/i.test(unit) ? 60 : null;
  const seconds = size === null ? Math.round((days ?? 0) * 86_400) : Number(count) * size;
  if (seconds === 0) return "write 30m, or as long as it needs";
  const [shown, word] =
    seconds % 3600 === 0 ? [seconds / 3600, "h"] : seconds % 60 === 0 ? [seconds / 60, "m"] : [seconds, "s"];
  return `write ${shown}${word}`;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of `90s`, `30m`, `2h`; null for any other text. */
export function secondsIn(text: string): number | null {
  const [, count, unit] = /^([1-9]\d*)([smh])$/.exec(text) ?? [];
  return count === undefined || unit === undefined ? null : Number(count) * (SECONDS[unit] ?? 1);
}
