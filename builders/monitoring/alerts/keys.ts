import type { AlertInWords } from "../alert.ts";

/** When the key of a service account was made, by platform and account; `bucketworks rotate --metrics` tells it. */
export const KEY_MADE = "bucketworks_key_made_timestamp_seconds";

const DAY = 86_400;
/** `rotate --due` runs once a day: a key that is older by more than that was not replaced. */
const LATE = DAY;

/**
 * A key is older than its platform permits. Judged by the moment at which it was made, so that it fires also where nobody looks
 * any more, which is how keys grow old.
 */
export function keys(platform: string, maxAgeDays: number): AlertInWords[] {
  return [
    {
      name: "KeyTooOld",
      expression: `time() - max by (stack, account) (${KEY_MADE}{platform="${platform}"}) > ${maxAgeDays * DAY + LATE}`,
      seconds: 0,
      severity: "warning",
      summary: `The key of {{ $labels.account }} of ${platform} in stack {{ $labels.stack }} is {{ humanizeDuration $value }} old, allowed are ${maxAgeDays} days.`,
    },
  ];
}
