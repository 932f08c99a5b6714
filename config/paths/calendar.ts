/** Dates and times as they stand in keys: digits of the proleptic Gregorian calendar, UTC. */

/** True for eight digits `YYYYMMDD` that are a day; there is no 30 February. */
export function isDate(digits: string): boolean {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number);
  if (!/^\d{8}$/.test(digits) || year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
}

/** True for six digits `HHMMSS` of a day; a leap second is none. */
export function isTime(digits: string): boolean {
  return /^(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$/.test(digits);
}

/** True for fourteen digits `YYYYMMDDHHMMSS`. */
export function isTimestamp(digits: string): boolean {
  return isDate(digits.slice(0, 8)) && isTime(digits.slice(8));
}

/** True for six digits `YYYYWW` of the ISO 8601 calendar, whose years have 52 or 53 weeks. */
export function isIsoWeek(digits: string): boolean {
  if (!/^\d{6}$/.test(digits)) return false;
  const week = Number(digits.slice(4));
  return week >= 1 && week <= isoWeeks(Number(digits.slice(0, 4)));
}

/** `YYYYMMDDHHMMSS` of a moment, in UTC. */
export function timestampOf(moment: Date): string {
  return moment.toISOString().slice(0, 19).replaceAll(/\D/g, "");
}

/** `YYYYWW` of a moment: its ISO 8601 week, in UTC. The first week of a year is that of its first Thursday. */
export function isoWeekOf(moment: Date): string {
  const thursday = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  const days = (thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000;
  return `${year}${String(Math.floor(days / 7) + 1).padStart(2, "0")}`;
}

/** `2024q4` of a moment, in UTC. */
export function quarterOf(moment: Date): string {
  return `${moment.getUTCFullYear()}q${Math.floor(moment.getUTCMonth() / 3) + 1}`;
}

/** True for six digits `YYYYMM`. */
export function isMonth(digits: string): boolean {
  return isDate(`${digits}01`);
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A year has 53 weeks when it ends on a Thursday, or the year before on a Wednesday. */
function isoWeeks(year: number): number {
  const lastDay = (of: number): number => (of + Math.floor(of / 4) - Math.floor(of / 100) + Math.floor(of / 400)) % 7;
  return lastDay(year) === 4 || lastDay(year - 1) === 3 ? 53 : 52;
}
