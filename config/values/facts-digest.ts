import { createHash } from "node:crypto";

/** `sha256:<64 hex digits>` of what is so about something, a sentence each; their order makes no difference. */
export function factsDigest(facts: readonly string[]): string {
  const text = JSON.stringify([...new Set(facts)].sort());
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Whether a text has the form of a digest. */
export function isFactsDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
