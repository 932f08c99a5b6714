import type { BucketFacts } from "./facts.ts";

/**
 * What kind of data a bucket holds, from the most telling to the least: its tag `data_type`, its layer. Rules that speak
 * of kinds of data look them up in this order, without regard to case.
 */
export function kindsOf({ tags, declared }: Pick<BucketFacts, "tags" | "declared">): string[] {
  return [tags.data_type, declared.layer].flatMap((kind) => (kind ? [kind.toLowerCase()] : []));
}

/** The value of a bucket's first kind that has one, else that of `*`. */
export function ofKind<T>(kinds: readonly string[], values: Readonly<Record<string, T>>): T | undefined {
  const known = new Map(Object.entries(values).map(([kind, value]) => [kind.toLowerCase(), value]));
  const kind = [...kinds, "*"].find((each) => known.has(each));
  return kind === undefined ? undefined : known.get(kind);
}
