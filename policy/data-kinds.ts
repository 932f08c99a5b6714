import { isSlip, plain } from "../config/values/nearest.ts";
import type { BucketFacts } from "./facts.ts";

/**
 * What kind of data a bucket holds, from the most telling to the least: its tag `data_type`, its layer. Rules that speak
 * of kinds of data look them up in this order, without regard to case.
 */
export function kindsOf({ tags, declared }: Pick<BucketFacts, "tags" | "declared">): string[] {
  return [tags.data_type, declared.layer].flatMap((kind) => (kind ? [kind.toLowerCase()] : []));
}

/** The kind that reads like a known one without being it, of those that `ofKind` passes over; undefined where none does. */
export function misspelt(
  kinds: readonly string[],
  known: readonly string[],
): { readonly kind: string; readonly known: string } | undefined {
  const all = known.map((each) => each.toLowerCase());
  const first = kinds.findIndex((each) => all.includes(each));
  for (const kind of first === -1 ? kinds : kinds.slice(0, first)) {
    const meant = all.find((each) => readsLike(kind, each));
    if (meant !== undefined) return { kind, known: meant };
  }
  return undefined;
}

/** Short words too (`aduit`, `audt`), save for a letter that is another one: `audio` isn't `audit`. */
function readsLike(word: string, known: string): boolean {
  const [a, b] = [plain(word), plain(known)];
  if (isSlip(word, known) || a === `${b}s` || b === `${a}s`) return true;
  const sameLetters = [...a].sort().join("") === [...b].sort().join("");
  return b.length >= 5 && (sameLetters || lacksOne(a, b) || lacksOne(b, a));
}

/** True where the shorter word is the longer one without one of its letters. */
function lacksOne(shorter: string, longer: string): boolean {
  return [...longer].some((_, at) => longer.slice(0, at) + longer.slice(at + 1) === shorter);
}

/** The value of a bucket's first kind that has one, else that of `*`. */
export function ofKind<T>(kinds: readonly string[], values: Readonly<Record<string, T>>): T | undefined {
  const known = new Map(Object.entries(values).map(([kind, value]) => [kind.toLowerCase(), value]));
  const kind = [...kinds, "*"].find((each) => known.has(each));
  return kind === undefined ? undefined : known.get(kind);
}
