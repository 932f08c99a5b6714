import type { Checkout } from "./checkout.ts";
import { readText, writePrivate } from "./private-files.ts";

/**
 * Names of the buckets that the local stack has made or managed on the local server, since its data was last deleted.
 * `destroy` leaves retained buckets behind; the engine finds them here (`BUCKETWORKS_MANAGED_BUCKETS` names the file)
 * and may take them back without `adopt: true` in the spec, because nobody else could have made them.
 */
export function managedBuckets(checkout: Checkout): string[] {
  const { buckets } = JSON.parse(readText(checkout.managed) ?? '{"buckets":[]}');
  return Array.isArray(buckets) ? buckets : [];
}

/** Adds names; the file is left alone when it holds them already. */
export function rememberManaged(checkout: Checkout, names: readonly string[]): void {
  const before = managedBuckets(checkout);
  const after = [...new Set([...before, ...names])].sort();
  if (after.length === before.length) return;
  writePrivate(checkout.managed, JSON.stringify({ schemaVersion: 1, buckets: after }, null, 2));
}
