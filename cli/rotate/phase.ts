import type { Rotation } from "../../config/model.ts";

/** What state and server say of one service account. */
export interface KeyFacts {
  readonly rotation: Rotation;
  /** When its key was made; undefined where the state has none, or doesn't say. */
  readonly made: Date | undefined;
  /** Whether the state has its key. */
  readonly hasKey: boolean;
  /** The key that it had before, where the state has one. */
  readonly previous:
    | {
        /** Whether the server has it still. */
        readonly isThere: boolean;
        /** Until when it is taken, by the server's note; undefined before the new key was delivered. */
        readonly ends: Date | undefined;
      }
    | undefined;
}

/** How far the replacement of a key is. */
export type Phase =
  /** Nobody made it yet: `pulumi up` does. */
  | { readonly phase: "absent" }
  /** In use, and young enough; `due` is when it won't be, undefined where no age is set. */
  | { readonly phase: "current"; readonly due: Date | undefined }
  /** Older than the spec permits, or nobody knows how old. */
  | { readonly phase: "due" }
  /** The old key was set aside; the new one is still to be made. */
  | { readonly phase: "issue" }
  /** The new key is there; whether it was delivered isn't proved. */
  | { readonly phase: "deliver" }
  /** Both keys are taken. */
  | { readonly phase: "grace"; readonly ends: Date }
  /** The old key is to end. */
  | { readonly phase: "revoke" };

const DAY = 86_400_000;

/** Decides from what is there alone: after a kill the next run goes on where the last one was. */
export function phaseOf({ rotation, made, hasKey, previous }: KeyFacts, now: Date): Phase {
  if (previous !== undefined) {
    if (!hasKey) return { phase: "issue" };
    if (!previous.isThere) return { phase: "revoke" };
    if (previous.ends === undefined) return { phase: "deliver" };
    // The spec permits less by now, or somebody wrote it: the grace begins again, as long as it permits.
    if (previous.ends > endOfGrace(rotation, now)) return { phase: "deliver" };
    return now < previous.ends ? { phase: "grace", ends: previous.ends } : { phase: "revoke" };
  }
  if (!hasKey) return { phase: "absent" };
  if (rotation.maxAgeDays === null) return { phase: "current", due: undefined };
  const due = made && new Date(made.getTime() + rotation.maxAgeDays * DAY);
  return due !== undefined && now < due ? { phase: "current", due } : { phase: "due" };
}

/** When a grace that begins now ends. */
export function endOfGrace({ graceDays }: Rotation, now: Date): Date {
  return new Date(now.getTime() + graceDays * DAY);
}
