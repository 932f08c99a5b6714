/** What a description on the server says of a service account beside those that specs declare. */
export type KeyNote =
  /** The former key of a declared account, which programs may use until then. */
  | { readonly kind: "replaced"; readonly ends: Date }
  /** Made by `bucketworks key issue`. */
  | { readonly kind: "issued"; readonly why: string };

/** Days that an issued key may live: who needs it longer declares a service account. */
export const LONGEST_ISSUE = 90;

/** MinIO takes so many bytes of a description. */
const LONGEST = 256;

const REPLACED = "bucketworks: replaced, ends ";
const ISSUED = "bucketworks: issued";

export function replacedText(ends: Date): string {
  return `${REPLACED}${ends.toISOString()}`;
}

/** @param why one line; empty is unsaid */
export function issuedText(why: string): string {
  return why === "" ? ISSUED : `${ISSUED}: ${why}`;
}

/** Bytes that are left for the reason of an issued key. */
export const LONGEST_REASON = LONGEST - Buffer.byteLength(`${ISSUED}: `);

/** A claim of who made the account, and no proof. @returns undefined for a description that isn't ours */
export function readKeyNote(description: string): KeyNote | undefined {
  if (description.startsWith(REPLACED)) {
    const ends = new Date(description.slice(REPLACED.length));
    return Number.isNaN(ends.getTime()) ? undefined : { kind: "replaced", ends };
  }
  if (description === ISSUED) return { kind: "issued", why: "" };
  return description.startsWith(`${ISSUED}: `)
    ? { kind: "issued", why: description.slice(`${ISSUED}: `.length) }
    : undefined;
}
