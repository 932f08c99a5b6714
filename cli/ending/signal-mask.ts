import { constants } from "node:os";

/** The signals that end a command: Ctrl-C, an order to end, a terminal that went away. */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type EndSignal = (typeof SIGNALS)[number];

/**
 * Tells from masks of blocked signals which one a process is handling: one signal is blocked that wasn't at the start, and
 * it stays so from one look to the next. A make that starts or reaps children blocks all of them for a moment, and one
 * whose starter blocked some has those blocked from the start.
 * @param atStart the first look; a mask has bit n - 1 for signal n, and is undefined where it can't be read
 * @returns takes each further look, and gives the signal once it is certain
 */
export function toldByMask(atStart: bigint | undefined): (mask: bigint | undefined) => EndSignal | undefined {
  // A moment of starting or reaping may be what was seen first: what is open later counts as open.
  let baseline = atStart;
  let before: EndSignal | undefined;
  return (mask) => {
    if (mask === undefined) {
      before = undefined;
      return undefined;
    }
    const added = SIGNALS.filter((name) => isIn(mask, name) && !(baseline !== undefined && isIn(baseline, name)));
    const one = baseline !== undefined && added.length === 1 ? added[0] : undefined;
    baseline = baseline === undefined ? mask : baseline & mask;
    const certain = one !== undefined && one === before ? one : undefined;
    before = one;
    return certain;
  };
}

function isIn(mask: bigint, name: EndSignal): boolean {
  return ((mask >> BigInt(constants.signals[name] - 1)) & 1n) === 1n;
}
