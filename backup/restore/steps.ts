import { compareKeys } from "../manifest/order.ts";
import type { VersionEntry } from "../manifest/schema.ts";

/** Which objects of a bucket are meant. */
export interface Selection {
  /** Undefined is every object. */
  readonly prefix?: string | undefined;
  /** One object. */
  readonly key?: string | undefined;
}

export function isChosen(key: string, { prefix, key: only }: Selection): boolean {
  return (only === undefined || key === only) && (prefix === undefined || key.startsWith(prefix));
}

/** The current version of an object in the bucket that is restored into. */
export interface Present {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
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

/** How much a restore does, or did. */
export class Tally {
  readonly written = { objects: 0, bytes: 0 };
  readonly replaced = { objects: 0, bytes: 0 };
  readonly unchanged = { objects: 0, bytes: 0 };
  /** Objects that get a delete marker, as they weren't there at the moment. */
  readonly removed = { objects: 0, bytes: 0 };
  readonly lost = { objects: 0, bytes: 0 };
  /** Some keys of those that are lost, and of those that are in the way. */
  readonly lostKeys: string[] = [];
  readonly foreignKeys: string[] = [];

  add(kind: "written" | "replaced" | "unchanged" | "removed" | "lost", key: string, size: number): void {
    this[kind].objects += 1;
    this[kind].bytes += size;
    if (kind === "lost") keep(this.lostKeys, key);
    if (kind === "replaced" || kind === "removed") keep(this.foreignKeys, key);
  }
}

/** As many names as a message has room for. */
function keep(names: string[], name: string): void {
  if (names.length < 5) names.push(name);
}

/** What of an ETag is a digest of the content by itself: 32 hex digits, no parts, of an object that isn't encrypted by a KMS. */
export function contentDigest(etag: string): string | undefined {
  return /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1];
}
