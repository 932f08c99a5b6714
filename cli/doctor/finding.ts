/**
 * What a check says of one thing: it is as it should be; it isn't; nobody could look; it rests on something that isn't
 * right itself; or it is worth knowing, and no fault.
 */
export type State = "right" | "wrong" | "unknown" | "skipped" | "note";

/** What one check saw. */
export interface Seen {
  readonly state: State;
  /** One sentence. */
  readonly seen: string;
  /** What to do; absent where there is nothing to do. */
  readonly cure?: string | undefined;
}

export interface Finding extends Seen {
  readonly check: string;
  /** Section of docs/runbook.md, as a link from the checkout; undefined where nothing is wrong. */
  readonly runbook: string | undefined;
}

/** Where a checkout lies: all that checks know that need nothing installed. */
export interface Place {
  readonly root: string;
}

export const right = (seen: string): Seen => ({ state: "right", seen });
export const note = (seen: string, cure?: string): Seen => ({ state: "note", seen, cure });
export const wrong = (seen: string, cure: string): Seen => ({ state: "wrong", seen, cure });
export const unknown = (seen: string, cure?: string): Seen => ({ state: "unknown", seen, cure });

/** A sentence of ours, "what was seen; what to do", as what was seen and its cure. */
export function parted(state: "wrong" | "unknown", sentence: string): Seen {
  const at = sentence.lastIndexOf("; ");
  if (at < 0) return { state, seen: sentence };
  return { state, seen: sentence.slice(0, at), cure: sentence.slice(at + 2) };
}
