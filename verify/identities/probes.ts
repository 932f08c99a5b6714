import { type Identity, type Operation, permits } from "./rights.ts";

/** One operation to try, and whether the model permits it. */
export interface Probe {
  readonly operation: Operation;
  readonly bucket: string;
  /** Key of an object; for `list` the prefix. */
  readonly key: string;
  readonly allowed: boolean;
}

const ON_KEYS: readonly Operation[] = [
  "get",
  "put",
  "delete",
  "get a former version",
  "tag a former version",
  "delete a former version",
];
const ON_BUCKETS: readonly Operation[] = ["find the bucket", "read the policy", "read the lifecycle"];

/**
 * What to try with one identity's key: every operation at each place it is granted, beside that place, and in one
 * bucket of the platform where it has nothing to look for. At least two of them are refused for any identity. Who may make
 * buckets is tried with one that is there already, who may remove them with names that none has.
 * @param buckets of the identity's platform
 * @param key a name that no object and no bucket has
 */
export function probesOf(identity: Identity, buckets: readonly string[], key: string): Probe[] {
  const places = new Map<string, Set<string>>();
  const isDrill = identity.grants[0]?.some(({ role }) => role === "drill") === true;
  for (const { role, bucket, prefixes } of identity.grants[0] ?? []) {
    if (role === "drill") continue; // of scratch buckets, and there is none
    const known = places.get(bucket) ?? new Set<string>();
    for (const prefix of prefixes.length > 0 ? [...prefixes, ""] : [""]) known.add(prefix);
    places.set(bucket, known);
  }
  const stranger = buckets.find((bucket) => !places.has(bucket));
  if (stranger !== undefined) places.set(stranger, new Set([""]));
  const [there = key] = places.keys();
  const made = isDrill
    ? [
        probe(identity, "make a bucket", there, ""),
        ...[`bucketworks-drill-${key}`, key].map((none) => probe(identity, "remove a bucket", none, "")),
      ]
    : [];
  const inBuckets = [...places].flatMap(([bucket, prefixes]) => [
    ...ON_BUCKETS.map((operation) => probe(identity, operation, bucket, "")),
    ...[...prefixes].flatMap((prefix) => [
      probe(identity, "list", bucket, prefix),
      ...ON_KEYS.map((operation) => probe(identity, operation, bucket, `${prefix}${key}`)),
    ]),
  ]);
  return [...inBuckets, ...made];
}

function probe(identity: Identity, operation: Operation, bucket: string, key: string): Probe {
  return { operation, bucket, key, allowed: permits(identity, operation, bucket, key) };
}
