import type { IsDue } from "../history/history.ts";

/**
 * When a receiver is told of an alert: once when it begins, again while it lasts, once when it is over.
 * @param repeat after how many seconds what still fires is told again, by platform
 */
export function dueAt(now: Date, repeat: (platform: string) => number): IsDue {
  return (alert, notice) => {
    const at = now.toISOString();
    if (notice !== undefined && notice.claimedUntil > at) return false;
    const isToldOf = notice !== undefined && notice.since === alert.since;
    // Of what ended before somebody became a receiver nothing is said.
    if (alert.ended !== null) return notice !== undefined && !(isToldOf && notice.status === "resolved");
    if (!isToldOf || notice.status !== "firing") return true;
    return now.getTime() - Date.parse(notice.at) >= repeat(alert.platform) * 1000;
  };
}
