/** For how many days a run locks what it stores or extends: longer than it has to, so that in between no lock is extended. */
export function lockedDays(keepDays: number): number {
  return keepDays + Math.ceil(keepDays / 4);
}

/** The most that the key of a backup may lock for: a target's clock may be behind that of the source. */
export function longestLock(keepDays: number): number {
  return lockedDays(keepDays) + 1;
}
