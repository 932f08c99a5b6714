import { compareKeys } from "../manifest/order.ts";
import type { VersionEntry } from "../manifest/schema.ts";
import type { Listed } from "../run/listing.ts";

/** Which objects of a bucket are meant. */
export interface Selection {
  /** Undefined is every object. */
  readonly prefix?: string | undefined;
  /** One object. */
  readonly key?: string | undefined;
  /** These objects alone. */
  readonly keys?: ReadonlySet<string> | undefined;
  /**
   * Beginnings of keys that manifests cover, a list a manifest, empty for the whole bucket: what isn't covered is neither
   * written nor removed, as nobody knows what was there.
   */
  readonly covered?: readonly (readonly string[])[];
}

export function isChosen(key: string, { prefix, key: only, keys, covered = [] }: Selection): boolean {
  return (
    (only === undefined || key === only) &&
    (prefix === undefined || key.startsWith(prefix)) &&
    (keys === undefined || keys.has(key)) &&
    covered.every((prefixes) => prefixes.length === 0 || prefixes.some((begin) => key.startsWith(begin)))
  );
}

/** What listings ask the server for: no other key can be chosen. */
export function prefixOf({ prefix, key }: Selection): string {
  return key ?? prefix ?? "";
}

/** The current version of an object in the bucket that is restored into. */
export interface Present {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  /** As the listing tells of it; absent where that doesn't have all. */
  readonly listed?: Listed;
}

/** What becomes of one key. */
export type Step =
  /** Nothing is there. */
  | { readonly kind: "write"; readonly wanted: VersionEntry }
  /** Of the same size: a closer look tells whether it is what it was. */
  | { readonly kind: "look"; readonly wanted: VersionEntry; readonly present: Present }
  /** Something else is there. */
  | { readonly kind: "replace"; readonly wanted: VersionEntry; readonly present: Present }
  /** It wasn't there at the moment. */
  | { readonly kind: "remove"; readonly present: Present }
  /** The backup has no bytes of it. */
  | { readonly kind: "lost"; readonly wanted: VersionEntry };

/**
 * What has to be done so that a bucket is as it was, in the order of keys; both sides are read once.
 * @param wanted the state at the moment, see `stateAt`
 * @param present current versions of the bucket, sorted by key
 */
export async function* restoreSteps(
  wanted: AsyncIterable<VersionEntry>,
  present: AsyncIterable<Present>,
  selection: Selection,
): AsyncGenerator<Step> {
  const [ours, theirs] = [chosen(wanted, selection), chosen(present, selection)];
  let [want, has] = [await next(ours), await next(theirs)];
  while (want !== undefined || has !== undefined) {
    const order = want === undefined ? 1 : has === undefined ? -1 : compareKeys(want.key, has.key);
    if (want !== undefined && order <= 0) yield stepFor(want, order === 0 ? has : undefined);
    else if (has !== undefined) yield { kind: "remove", present: has };
    if (order <= 0) want = await next(ours);
    if (order >= 0) has = await next(theirs);
  }
}

function stepFor(wanted: VersionEntry, present: Present | undefined): Step {
  if (present !== undefined && present.size === wanted.size) return { kind: "look", wanted, present };
  if (wanted.stored === undefined) return { kind: "lost", wanted };
  return present === undefined ? { kind: "write", wanted } : { kind: "replace", wanted, present };
}

async function* chosen<T extends { readonly key: string }>(all: AsyncIterable<T>, selection: Selection) {
  for await (const each of all) if (isChosen(each.key, selection)) yield each;
}

async function next<T>(from: AsyncGenerator<T>): Promise<T | undefined> {
  const { done, value } = await from.next();
  return done ? undefined : value;
}

/** What was, or would be, done with a key. */
export type Outcome = "written" | "replaced" | "unchanged" | "removed" | "lost";

/** How much a restore does, or did. */
export class Tally {
  readonly written = { objects: 0, bytes: 0 };
  readonly replaced = { objects: 0, bytes: 0 };
  readonly unchanged = { objects: 0, bytes: 0 };
  /** Objects that get a delete marker, as they weren't there at the moment. */
  readonly removed = { objects: 0, bytes: 0 };
  /** Objects that can't be had from the backup. */
  readonly lost = { objects: 0, bytes: 0 };
  /** Of each outcome but `unchanged` some keys, with the reason where there is one. */
  readonly examples: { readonly outcome: Outcome; readonly key: string; readonly reason: string | undefined }[] = [];

  add(outcome: Outcome, { key, size, reason }: { key: string; size: number; reason?: string | undefined }): void {
    this[outcome].objects += 1;
    this[outcome].bytes += size;
    if (outcome === "unchanged") return;
    if (this.examples.filter((each) => each.outcome === outcome).length < EXAMPLES) {
      this.examples.push({ outcome, key, reason });
    }
  }

  /** Objects that were looked at. */
  get all(): number {
    return OUTCOMES.reduce((sum, outcome) => sum + this[outcome].objects, 0);
  }
}

const OUTCOMES = ["written", "replaced", "unchanged", "removed", "lost"] as const;
/** As many names as a message has room for. */
const EXAMPLES = 5;
