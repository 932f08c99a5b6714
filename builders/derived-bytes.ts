import { hkdfSync } from "node:crypto";

/** Bytes that follow from a key alone (HKDF, RFC 5869, with SHA-256): others for each purpose, and nobody gets back to the key. */
export function derivedBytes(key: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", Buffer.from(key, "base64"), Buffer.alloc(0), purpose, bytes));
}
