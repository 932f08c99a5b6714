const MIB = 1024 ** 2;
/** Of an object that is written by one request. */
export const WHOLE = 256 * MIB;
/** Most parts that S3 takes, and the most bytes of one. */
const PARTS = 10_000;
const LARGEST = 5 * 1024 * MIB;

/** A piece of an object; both ends are in it. */
export interface Part {
  readonly number: number;
  readonly first: number;
  readonly last: number;
}

/**
 * How an object is written: empty where one request does it, else its parts in their order. One request may carry 5 GiB, but
 * a server needs minutes for that, and a client takes it for dead.
 * @param size bytes
 */
export function partsOf(size: number): Part[] {
  if (size <= WHOLE) return [];
  const each = Math.min(LARGEST, Math.ceil(Math.max(WHOLE, size / PARTS) / MIB) * MIB);
  return Array.from({ length: Math.ceil(size / each) }, (_, index) => ({
    number: index + 1,
    first: index * each,
    last: Math.min(size, (index + 1) * each) - 1,
  }));
}
