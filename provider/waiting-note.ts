/** What an update says of a lifecycle rule that its server can't apply yet. */
export function waitingNote(rule: string, bucket: string, server: string, tiers: readonly string[]): string {
  return `lifecycle rule ${rule} of bucket ${bucket} is not applied: ${server} has no tier ${tiers.join(", ")}; declare it in bucketworks:tiers (docs/tiers.md), or where somebody has made it by hand run pulumi up --refresh`;
}

/** True for such a note, alone or with the engine's words before it. */
export function isWaitingNote(text: string): boolean {
  return /lifecycle rule .+ of bucket \S+ is not applied: \S+ has no tier /.test(text);
}
