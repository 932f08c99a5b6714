/** How a recovery ended, by what the server said. */
export interface Recovery {
  /**
   * `short`: the log ends before the moment; `early`: the moment lies before the base backup was whole; `unread`: the store
   * didn't answer; `left`: the base backup is of a time that a restore in the server's place has undone; `failed`: anything else.
   */
  readonly outcome: "reached" | "short" | "early" | "unread" | "left" | "failed";
  /** When the last transaction was committed that was restored; null where it restored none. */
  readonly last: Date | null;
  /** The server's own last words about what went wrong, for `failed`. */
  readonly said: string;
}

const SHORT = /recovery ended before configured recovery target was reached/;
const EARLY = /requested recovery stop point is before consistent recovery point/;
const UNREAD = /backup: the store couldn't be asked for/;
const LEFT =
  /requested timeline \d+ (?:is not a child of this server's history|does not contain minimum recovery point)/;
const LAST = /last completed transaction was at log time ([\d-]+ [\d:.]+)\+00/g;

/**
 * Reads the log of a server that recovered.
 * @param isServing it took connections as a server of its own in the end
 */
export function judgeRecovery(log: string, isServing: boolean): Recovery {
  const text = [...log.matchAll(LAST)].at(-1)?.[1];
  const last = text === undefined ? null : new Date(`${text.replace(" ", "T")}Z`);
  const said = [...log.matchAll(/(?:FATAL|PANIC|ERROR): +(.*)$/gm)].at(-1)?.[1] ?? log.trim().split("\n").at(-1) ?? "";
  const outcome = isServing
    ? "reached"
    : UNREAD.test(log)
      ? "unread"
      : SHORT.test(log)
        ? "short"
        : EARLY.test(log)
          ? "early"
          : LEFT.test(log)
            ? "left"
            : "failed";
  return { outcome, last, said };
}

/**
 * Settings with which a server brings a base backup to a moment, and then is one of its own. It archives nothing: its log
 * would stand among that of the server it was made from.
 * @param moment null is the newest that the archive has
 */
export function recoverySettings(restoreCommand: string, moment: Date | null): Record<string, string> {
  return {
    archive_mode: "off",
    restore_command: restoreCommand,
    recovery_target_timeline: "latest",
    recovery_target_action: "promote",
    ...(moment !== null && { recovery_target_time: recoveryTime(moment), recovery_target_inclusive: "on" }),
  };
}

/**
 * Files of `pg_wal` that a server which archived nothing has written of its timeline: its history, and segments before the
 * current one. What follows the current one are segments that wait to be used.
 */
export function newOfTimeline(files: readonly string[], current: string): string[] {
  const timeline = current.slice(0, 8);
  const isWritten = (name: string): boolean => /^[0-9A-F]{24}$/.test(name) && name < current;
  return files
    .filter((name) => name === `${timeline}.history` || (name.startsWith(timeline) && isWritten(name)))
    .sort();
}

/** PostgreSQL knows no names of zones yet when it reads its settings, not even Z. */
function recoveryTime(moment: Date): string {
  return moment.toISOString().replace("T", " ").replace("Z", "+00");
}

/**
 * Reads the moment of `--to`: ISO 8601 with a zone, so that nobody guesses one.
 * @returns what is wrong with it, to follow it
 */
export function readMoment(text: string, now: Date): Date | string {
  const form = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (form === null) return "must be a moment like 2026-11-20T10:00Z, or latest";
  if (form[1] === undefined)
    return `has no time zone; write ${text.replace(" ", "T")}Z for UTC, or an offset like +02:00`;
  const moment = new Date(text.replace(" ", "T"));
  // 30 February would be 2 March.
  const day = new Date(`${text.slice(0, 10)}T00:00Z`);
  if (Number.isNaN(moment.getTime()) || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text.slice(0, 10)))
    return "is no day or no time of the calendar";
  if (moment > now) return `lies in the future: it is ${now.toISOString()} now`;
  return moment;
}
