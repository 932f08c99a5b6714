/** What a colour means. */
export type Tone = "plain" | "good" | "warning" | "critical";

/** Percent of its quota from which a bucket is told of. */
export const NEARLY_FULL = 85;

/** 100 is healthy; half of the checks failed is as bad as missing. */
export function toneOfScore(score: number | null): Tone {
  if (score === null) return "plain";
  return score === 100 ? "good" : score < 50 ? "critical" : "warning";
}

export function toneOfQuota(percent: number): Tone {
  return percent >= 100 ? "critical" : percent >= NEARLY_FULL ? "warning" : "good";
}
