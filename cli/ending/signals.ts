import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { type EndSignal, SIGNALS, toldByMask } from "./signal-mask.ts";

export type { EndSignal };

/** One order may come twice, from the process group and from `make`; a repetition within this time is none, milliseconds. */
const ONE_ORDER = 1000;
/** How often it is looked whether `make` was told to end, milliseconds. */
const MAKE_POLL = 200;

/** A command that a signal ended: nothing new was begun, and what ran beneath it has ended. */
export class Interrupted extends Error {
  readonly signal: EndSignal;

  /** @param said what was left where, for people; empty where there is nothing to say */
  constructor(signal: EndSignal, said = "") {
    super(said);
    this.name = "Interrupted";
    this.signal = signal;
  }

  /** 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP, as shells have it. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

const stop = new AbortController();
const attendants = new Set<() => void>();
let since = 0;

/**
 * The one place of all commands that hears signals; called once, by the program's entry. The first one ends the process,
 * with its exit handlers, unless work is `attended`: that gets to know, and ends in good order.
 */
export function listenForSignals(): void {
  for (const name of SIGNALS) process.on(name, () => take(name));
  if (process.env.MAKELEVEL !== undefined) watchMake(process.ppid);
}

/** Aborted by the first signal; the reason is an `Interrupted`. */
export function interruption(): AbortSignal {
  return stop.signal;
}

/** @throws Interrupted after a signal: called before anything new is begun */
export function stopIfInterrupted(): void {
  stop.signal.throwIfAborted();
}

/**
 * Runs work that has to end in good order once a signal came.
 * @param work is given what the first signal aborts
 * @param again a further signal, or somebody who lost patience; @default the process ends
 */
export async function attended<T>(work: (stop: AbortSignal) => Promise<T>, again: () => void = leave): Promise<T> {
  // One of its own, as several may be attended at once with the same `again`.
  const attendant = (): void => again();
  attendants.add(attendant);
  try {
    return await work(stop.signal);
  } finally {
    attendants.delete(attendant);
  }
}

/** As `attended`; a signal that came meanwhile is thrown as `Interrupted`, with what the work had to say of it. */
export async function untilInterrupted<T>(work: (stop: AbortSignal) => Promise<T>, again?: () => void): Promise<T> {
  stopIfInterrupted();
  try {
    const result = await attended(work, again);
    stopIfInterrupted();
    return result;
  } catch (error) {
    if (!stop.signal.aborted || error instanceof Interrupted) throw error;
    throw interruptedWith(error instanceof Error ? error.message : String(error));
  }
}

/** What ends a command after a signal, with what is left where. */
export function interruptedWith(said: string): Interrupted {
  return new Interrupted(signalOf(), said);
}

function take(signal: EndSignal): void {
  if (!stop.signal.aborted) {
    since = Date.now();
    stop.abort(new Interrupted(signal));
    if (attendants.size === 0) leave();
  } else if (attendants.size === 0) {
    leave();
  } else if (Date.now() - since > ONE_ORDER) {
    for (const again of attendants) again();
  }
}

function signalOf(): EndSignal {
  return (stop.signal.reason as Interrupted).signal;
}

function leave(): never {
  process.exit(new Interrupted(signalOf()).exitCode);
}

/**
 * GNU make passes SIGTERM on, but waits for its recipes in silence after SIGINT and SIGHUP, which a terminal sends to all.
 * Where make alone was told, proc(5) shows it: make waits inside its handler, in which that signal is blocked.
 */
function watchMake(make: number): void {
  const tell = toldByMask(blockedBy(make));
  const timer = setInterval(() => {
    const signal = tell(blockedBy(make));
    if (signal === undefined) return;
    clearInterval(timer);
    if (!stop.signal.aborted) take(signal);
  }, MAKE_POLL);
  timer.unref();
}

/** @returns the signals that a make blocks, bit n - 1 for signal n; undefined where it can't be told, or is no make */
function blockedBy(pid: number): bigint | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    if (!/^Name:\s*g?make$/m.test(status)) return undefined;
    return BigInt(`0x${/^SigBlk:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  } catch {
    // no /proc here, or make has ended
    return undefined;
  }
}
