import type { Mask } from "./mask.ts";

/** Whose log a line stands in, where the line itself doesn't say. */
export interface Source {
  readonly service: string;
  readonly platform: string;
}

/** A line as the store takes it: `_time`, `_msg`, `level`, `service`, `platform` and what it tells besides. */
export type Entry = Readonly<Record<string, unknown>>;

const TIMES = ["time", "timestamp", "ts"];
const MESSAGES = ["message", "msg", "event"];
const LEVELS: Readonly<Record<string, string>> = {
  warn: "warning",
  err: "error",
  fatal: "critical",
  panic: "critical",
};
/** A time at the beginning of a text, or `ts=` of logfmt; one without a zone is UTC, as all our programs write. */
const LEADING = /^(?:ts=|time=")?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:\d\d)?/;
/** A time that lies later than this is none: the store would refuse the line. Milliseconds. */
const AHEAD = 24 * 3600 * 1000;
/** Bytes of a line: the store takes 256 KiB. */
const LONGEST = 250 * 1024;
/** The store takes 2000. */
const MOST_FIELDS = 1000;
/** Objects within objects. A deeper line is text: who masks it and writes it out goes into each of them. */
const DEEPEST = 50;
/** A number below it counts seconds since 1970, another one milliseconds. */
const SECONDS = 1e11;

/**
 * A line of a log, masked. One that is no JSON object is kept as text, of level `unknown`.
 * @param now when it was read: its time where it has none
 */
export function entryOf(line: string, source: Source, now: Date, mask: Mask): Entry {
  const found = objectIn(line);
  if (found === undefined) {
    const time = timeOf(LEADING.exec(line)?.slice(1), now);
    return { _time: time, _msg: mask(line), level: "unknown", ...source };
  }
  const { message, time, level, more } = parts(found);
  const shown = mask(more) as Record<string, unknown>;
  return {
    ...shown,
    _time: moment(time, now),
    _msg:
      message === undefined ? "(no message)" : mask(typeof message === "string" ? message : JSON.stringify(message)),
    level: levelOf(level),
    service: text(shown.service) ?? source.service,
    platform: text(shown.platform) ?? source.platform,
  };
}

/**
 * A line that the store keeps: it drops one that is too long, or has too many fields, and answers as if it had it. What has to
 * go is said in the message.
 */
export function fitting(entry: Entry): Entry {
  const bytes = Buffer.byteLength(JSON.stringify(entry));
  const fields = leaves(entry);
  if (bytes <= LONGEST && fields <= MOST_FIELDS) return entry;
  const short = (name: string, most: number) => String(entry[name] ?? "").slice(0, most);
  const kept = ["level", "service", "platform", "correlation_id"].map((name) => [name, short(name, 200)] as const);
  return {
    _time: entry._time,
    _msg: `${short("_msg", 20_000)} (cut: the line has ${bytes} bytes in ${fields} fields; its log has them)`,
    ...Object.fromEntries(kept.filter(([, value]) => value !== "")),
  };
}

function leaves(value: unknown): number {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + leaves(each), 0);
}

/** Whether a line belongs into the audit trail, too. */
export function isAudit(line: string): boolean {
  return line.includes('"audit"') && objectIn(line)?.audit === true;
}

function objectIn(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const found = JSON.parse(line) as Record<string, unknown>;
    return isDeeper(found, DEEPEST) ? undefined : found;
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((each) => isDeeper(each, most - 1));
}

interface Parts {
  readonly message: unknown;
  readonly time: unknown;
  readonly level: unknown;
  readonly more: Readonly<Record<string, unknown>>;
}

function parts(found: Readonly<Record<string, unknown>>): Parts {
  // Names that begin with _ are the store's own.
  const named = Object.entries(found).map(([name, value]) => [name.replace(/^_+/, "") || "field", value] as const);
  const all = new Map(named);
  const first = (names: readonly string[]) => names.find((name) => text(all.get(name)) !== undefined) ?? "";
  const [message, time] = [first(MESSAGES), first(TIMES)];
  const more = Object.fromEntries(named.filter(([name]) => ![message, time, "level"].includes(name)));
  return { message: all.get(message), time: all.get(time), level: all.get("level"), more };
}

function text(value: unknown): string | undefined {
  return (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
}

function levelOf(level: unknown): string {
  const given = (text(level) ?? "unknown").toLowerCase();
  return Object.hasOwn(LEVELS, given) ? (LEVELS[given] ?? given) : given;
}

function moment(time: unknown, now: Date): string {
  if (typeof time === "string") return timeOf(LEADING.exec(time)?.slice(1), now);
  if (typeof time !== "number") return now.toISOString();
  const at = new Date(time < SECONDS ? time * 1000 : time);
  return (isTaken(at, now) ? at : now).toISOString();
}

/** As RFC 3339, with all digits that were given. */
function timeOf(found: readonly (string | undefined)[] | undefined, now: Date): string {
  const [day, clock, fraction = "0", given = "Z"] = found ?? [];
  const zone = given === "UTC" ? "Z" : given;
  return isTaken(new Date(`${day}T${clock}${zone}`), now) ? `${day}T${clock}.${fraction}${zone}` : now.toISOString();
}

function isTaken(at: Date, now: Date): boolean {
  return at.getTime() <= now.getTime() + AHEAD;
}
