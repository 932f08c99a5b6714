/**
 * Branches of a server's log. A restore into the live server's place begins a new one, and what the server wrote after that moment
 * is of a branch that was left.
 */
export interface Timelines {
  /** The newest, which a restore follows. */
  readonly latest: number;
  /** Where each branch on the way to the newest was left for the next one: positions in the log, by timeline. */
  readonly left: ReadonlyMap<number, bigint>;
}

/** A server that was never restored into its own place. */
export const FIRST_TIMELINE: Timelines = { latest: 1, left: new Map() };

/** Number of a timeline whose history has that name in an archive, compressed or not; null for any other file. */
export function historyTimeline(name: string): number | null {
  const [, digits] = /^([0-9A-F]{8})\.history(?:\.\w+)?$/.exec(name) ?? [];
  return digits === undefined ? null : Number.parseInt(digits, 16);
}

/** Name by which PostgreSQL asks for a timeline's history. */
export function historyName(timeline: number): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, "0")}.history`;
}

/** Reads the history of the newest timeline: a line for each that was left, with the position. @throws Error where it is none */
export function readHistory(latest: number, text: string): Timelines {
  const left = new Map<number, bigint>();
  for (const line of text.split("\n")) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, timeline, position] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line) ?? [];
    if (timeline === undefined || position === undefined) throw new Error(`no line of a timeline's history: ${line}`);
    left.set(Number(timeline), logPosition(position));
  }
  return { latest, left };
}

/** A position in the log as PostgreSQL writes it, `16/B374D848`. */
export function logPosition(text: string): bigint {
  const [high = "0", low = "0"] = text.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Whether the newest timeline goes through a position that was reached on another one: nothing else can be brought to it. */
export function leadsOn({ latest, left }: Timelines, timeline: number, position: bigint): boolean {
  if (timeline === latest) return true;
  const end = left.get(timeline);
  return end !== undefined && position <= end;
}
