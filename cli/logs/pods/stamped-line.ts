/** A line of a container, and when it was written: RFC 3339 with nine digits, so that texts compare as times do. */
export interface StampedLine {
  /** Empty where Kubernetes says something itself, and in a further piece of a long line. */
  readonly at: string;
  readonly text: string;
}

/** How far a container was read: the time of the last line, and how many lines of that time. */
export interface LinePosition {
  readonly at: string;
  readonly count: number;
  /** How often the container had been started again. */
  readonly restarts: number;
}

const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z ?/;

/** A line as the API gives it with timestamps=true, which leaves out noughts at the end of a fraction. */
export function stampedLine(line: string): StampedLine {
  const [whole = "", time = ""] = STAMPED.exec(line) ?? [];
  const [seconds, fraction = ""] = time.split(".");
  return { at: time === "" ? "" : `${seconds}.${fraction.padEnd(9, "0")}Z`, text: line.slice(whole.length) };
}

/** Tells lines that weren't read yet from those that come again: the API gives all of a second, whatever part it is asked for. */
export function linesAfter(from: LinePosition | undefined): (line: StampedLine) => boolean {
  let known = from?.count ?? 0;
  return ({ at }) => {
    if (from === undefined || at === "" || at > from.at) return true;
    if (at === from.at && known === 0) return true;
    if (at === from.at) known--;
    return false;
  };
}

/** The position behind a line; undefined where no line yet had a time. */
export function positionBehind(
  before: LinePosition | undefined,
  { at }: StampedLine,
  restarts: number,
): LinePosition | undefined {
  if (at === "") return before;
  return { at, count: at === before?.at ? before.count + 1 : 1, restarts };
}
