import { setTimeout as sleep } from "node:timers/promises";
import type { Watcher } from "./round.ts";

/** Between two tries of a receiver that was away, milliseconds; shorter where runs come more often. */
const TELL_AGAIN = 30_000;
/** How long a run may go on after a signal, milliseconds: less than the 30 seconds that Kubernetes waits. */
const GRACE = 20_000;

export interface Pace {
  /** From the begin of one run to that of the next, seconds. */
  readonly interval: number;
  /** No run begins after so many seconds; undefined goes on for ever. */
  readonly duration: number | undefined;
}

/**
 * Runs again and again, and tells in between. After a signal the run under way is ended, kept and told; one that takes
 * too long for that is abandoned.
 */
export async function watchOn(
  watcher: Watcher,
  { interval, duration }: Pace,
  stop: AbortSignal,
  onRun: (run: Awaited<ReturnType<Watcher["run"]>>) => void,
): Promise<void> {
  const end = duration === undefined ? Number.POSITIVE_INFINITY : Date.now() + duration * 1000;
  for (let next = Date.now(); ; ) {
    onRun(await beforeLong(watcher.run(), stop));
    await beforeLong(watcher.tell(), stop);
    next = Math.max(next + interval * 1000, Date.now());
    if (next >= end) return;
    while (Date.now() < next) {
      const pause = Math.min(next - Date.now(), TELL_AGAIN);
      const isOver = await sleep(pause, false, { signal: stop }).catch(() => true);
      if (isOver) return;
      if (Date.now() < next) await beforeLong(watcher.tell(), stop);
    }
    if (stop.aborted) return;
  }
}

/** @throws where a signal came and the work didn't end in time */
async function beforeLong<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const ended = new AbortController();
  const patience = new Promise<never>((_, reject) => {
    const count = () =>
      sleep(GRACE, undefined, { signal: ended.signal, ref: false }).then(
        () => reject(new Error("the run under way was abandoned; earlier ones are kept")),
        () => undefined,
      );
    if (stop.aborted) count();
    else stop.addEventListener("abort", count, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    ended.abort();
  }
}
