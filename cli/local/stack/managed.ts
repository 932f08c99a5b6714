import { parseManaged } from "../../../config/stack/managed-buckets.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { fromHere } from "../../terminal/path-from-here.ts";
import { readWhole, writePrivate } from "../private-files.ts";

/** A bucket of the local stack by its name, with the time at which the server made it; undefined where nobody asked. */
export type Claims = ReadonlyMap<string, string | undefined>;

/**
 * Names of the buckets on the local server that the local stack has made or managed. `destroy` leaves retained buckets
 * behind; the engine finds them here (`BUCKETWORKS_MANAGED_BUCKETS` names the file) and may take them back without
 * `adopt: true` in the spec, because nobody else could have made them.
 */
export function managedBuckets(checkout: Checkout): string[] {
  return [...readClaims(checkout).keys()];
}

/**
 * Brings the file up to date with the server: a claim ends with its bucket. One of that name that somebody makes later is
 * another bucket, made at another time, and not ours.
 * @param live buckets of the server with the time each was made; undefined where it can't be asked, and no claim ends
 * @param touched names of buckets that a run of the stack made, changed or let go
 */
export function settleManaged(
  checkout: Checkout,
  live: ReadonlyMap<string, Date> | undefined,
  touched: readonly string[] = [],
): void {
  const before = readClaims(checkout);
  const after = claimsAfter(before, live, touched);
  const same = before.size === after.size && [...after].every(([name, made]) => before.get(name) === made);
  if (same) return;
  const buckets = [...after.keys()].sort();
  const made = Object.fromEntries([...after].filter(([, time]) => time !== undefined));
  writePrivate(checkout.managed, JSON.stringify({ schemaVersion: 2, buckets, made }, null, 2));
}

/** See `settleManaged`. A claim of before versions told the time holds for the bucket that is there. */
export function claimsAfter(
  before: Claims,
  live: ReadonlyMap<string, Date> | undefined,
  touched: readonly string[],
): Claims {
  const names = [...before.keys(), ...touched.filter((name) => !before.has(name))];
  if (live === undefined) return new Map(names.map((name) => [name, before.get(name)]));
  return new Map(
    names.flatMap((name) => {
      const made = live.get(name)?.toISOString();
      if (made === undefined) return [];
      const claimed = before.get(name);
      const isOurs = touched.includes(name) || claimed === undefined || claimed === made;
      return isOurs ? [[name, made] as const] : [];
    }),
  );
}

/** @throws CommandError where the file is cut off or garbled; only a missing one holds no claims */
function readClaims(checkout: Checkout): Claims {
  const text = readWhole(checkout.managed);
  if (text === undefined) return new Map();
  try {
    const { buckets, made } = parseManaged(text, fromHere(checkout.managed));
    return new Map(buckets.map((name) => [name, made[name]]));
  } catch (error) {
    throw error instanceof SyntaxError ? new CommandError(error.message, EXIT.couldNotLook) : error;
  }
}
