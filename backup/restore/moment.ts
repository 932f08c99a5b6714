/** What was asked for in place of an instant. */
export const LATEST = "latest";

/** An instant with its time zone; seconds and their fraction may be left out. */
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/;

/** A moment, or what is wrong with the text that should be one. */
export type Moment = { readonly at: Date } | { readonly fault: string };

/**
 * Reads a moment as people write it. Without a time zone it is refused: a restore that is hours off isn't noticed.
 * @param text `2026-11-20T10:00Z`, `2026-11-20 12:00:30+02:00`
 */
export function parseMoment(text: string): Moment {
  if (WITHOUT_ZONE.test(text)) {
    const time = /[Tt ]/.test(text) ? text : `${text}T00:00`;
    return { fault: `${JSON.stringify(text)} has no time or no time zone; for UTC write ${time.replace(" ", "T")}Z` };
  }
  const at = new Date(INSTANT.test(text) ? text.replace(" ", "T") : Number.NaN);
  // 31 February becomes a day in March, which nobody meant who typed it.
  const isReal = !Number.isNaN(at.getTime()) && dayOf(text) !== undefined;
  if (isReal) return { at };
  return { fault: `${JSON.stringify(text)} is no moment; write it as 2026-11-20T10:00Z, or ${LATEST}` };
}

function dayOf(text: string): string | undefined {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00Z`).toISOString().slice(0, 10) === day ? day : undefined;
}

/** The manifests that tell what a bucket held at a moment. */
export interface Around<T> {
  /** The last one at or before the moment. */
  readonly before: T;
  /** The first one after it; undefined where the moment is that of `before` itself. */
  readonly after: T | undefined;
}

/** Why the state at a moment can't be given. */
export type Refusal = "none" | "future" | "too early" | "too late";

/**
 * Chooses the manifests for a moment.
 * @param manifests in any order
 */
export function manifestsAround<T extends { readonly instant: Date }>(
  manifests: readonly T[],
  moment: Date,
  now: Date,
): Around<T> | { readonly refusal: Refusal } {
  const sorted = manifests.toSorted((a, b) => a.instant.getTime() - b.instant.getTime());
  const before = sorted.findLast(({ instant }) => instant <= moment);
  const after = sorted.find(({ instant }) => instant > moment);
  if (sorted.length === 0) return { refusal: "none" };
  if (moment > now) return { refusal: "future" };
  if (before === undefined) return { refusal: "too early" };
  if (before.instant.getTime() === moment.getTime()) return { before, after: undefined };
  return after === undefined ? { refusal: "too late" } : { before, after };
}
