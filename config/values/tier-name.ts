/** MinIO's own classes, which move nothing. */
const KEPT = /^(STANDARD|REDUCED_REDUNDANCY)$/;

/** Whether MinIO takes it as the name of a tier: upper-case letters, digits, - and _. */
export function isTierName(name: string): boolean {
  return /^[A-Z0-9][A-Z0-9_-]*$/.test(name) && !KEPT.test(name);
}
