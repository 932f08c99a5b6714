const KEY_BYTES = 32;

/** What is wrong with a key from which passwords are made, to follow its name; null for a good one. */
export function randomKeyFault(key: string): string | null {
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(key) ? Buffer.from(key, "base64").length : 0;
  if (bytes >= KEY_BYTES) return null;
  return `must be base64 of ${KEY_BYTES} random bytes or more; head -c ${KEY_BYTES} /dev/urandom | base64 makes one`;
}
