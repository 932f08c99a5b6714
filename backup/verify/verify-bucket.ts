import { pMapIterable } from "p-map";
import type { Connection } from "../../provider/server/connection.ts";
import { ManifestFault, type VersionEntry } from "../manifest/schema.ts";
import { type KeptManifest, keepManifest } from "../target/kept-manifest.ts";
import { type FirstManifest, firstManifests, type ManifestPlace } from "../target/manifests.ts";
import { type Chain, judgeChain, type Link } from "./chain.ts";
import { StoredByKey, storedId } from "./stored-by-key.ts";
import { wrongWith } from "./stored-object.ts";

/** Objects that are looked at at the same time. */
const AT_ONCE = 16;
const DAY_MS = 24 * 3600 * 1000;
/** As many names as a message has room for. */
const EXAMPLES = 5;

export interface VerifyOptions {
  /** Days that a backup is kept: an older manifest may be gone. */
  readonly keepDays: number;
  /** Looks at so many stored objects of each manifest at most, evenly spread; undefined is all. */
  readonly sample?: number | undefined;
  /** Reads the content of each and compares it with the digest in the manifest, where that has one. */
  readonly read: boolean;
  /** Where the bucket is that was backed up. @default where its backups are */
  readonly source?: Connection;
  /** Private, on this machine: two manifests at a time lie there. */
  readonly folder: string;
  readonly onProgress?: (objects: number) => void;
}

/** Stored objects of one manifest that are missing or altered. */
export interface Damage {
  readonly manifest: string;
  readonly instant: Date;
  readonly objects: number;
  readonly examples: readonly { readonly key: string; readonly version: string; readonly reason: string }[];
}

export interface Verified extends Chain {
  readonly manifests: number;
  /** Stored objects that were looked at, and read. */
  readonly looked: number;
  readonly read: number;
  readonly damage: readonly Damage[];
}

/**
 * Follows the manifests of a bucket from the newest one, each of which is fetched once, and looks at what they say is stored. A
 * version that several have is looked at once.
 */
export async function verifyBucket(place: ManifestPlace, options: VerifyOptions): Promise<Verified> {
  const kept = new Date(Date.now() - options.keepDays * DAY_MS);
  const files = keptFiles(await firstManifests(place), kept);
  const seen: Seen = { bad: new Map(), counts: { looked: 0, read: 0 } };
  const found: Followed[] = [];
  /** What newer manifests have as the digests of those before them. */
  const vouched = new Map<string, string>();
  let newer: KeptManifest | undefined;
  for (const file of files.toReversed()) {
    const each = await follow(place, { file, newer, vouched: vouched.get(file.name) }, options, seen);
    found.push(each);
    const { before } = each.link;
    if (before && !vouched.has(before.name)) vouched.set(before.name, before.sha256);
    if (each.kept === undefined) continue;
    newer?.remove();
    newer = each.kept;
  }
  newer?.remove();
  const chain = judgeChain(
    found.map(({ link }) => link),
    kept,
  );
  const good = new Set(chain.good.map(({ name }) => name));
  const damage = found.flatMap((each) => (each.damage.objects > 0 && good.has(each.link.name) ? [each.damage] : []));
  return { ...chain, ...seen.counts, manifests: files.length, damage: damage.reverse() };
}

/**
 * Those that are to be whole. A backup past its time may be hidden by a lifecycle rule and lack objects, whose locks have ended:
 * that is no damage. Where backups have stopped since, the old ones are all there is.
 * @param kept the first instant that is kept
 */
export function keptFiles<T extends { readonly instant: Date }>(files: readonly T[], kept: Date): readonly T[] {
  const young = files.filter(({ instant }) => instant >= kept);
  return young.length > 0 ? young : files;
}

interface Seen {
  /** Stored objects that are wrong, with the reason. */
  readonly bad: Map<string, string>;
  readonly counts: { looked: number; read: number };
}

/** One manifest, and the one after it that was looked at. */
interface Asked {
  readonly file: FirstManifest;
  readonly newer: KeptManifest | undefined;
  /** The digest that the manifest after it has of it; undefined where none follows it. */
  readonly vouched: string | undefined;
}

interface Followed {
  readonly link: Link;
  readonly damage: Damage;
  /** Still there where it can be believed: what it has needn't be looked at for an older one. */
  readonly kept: KeptManifest | undefined;
}

async function follow(place: ManifestPlace, asked: Asked, options: VerifyOptions, seen: Seen): Promise<Followed> {
  const { name, instant, overwritten } = asked.file;
  const of = { name, instant, overwritten };
  let damage: Damage = { manifest: name, instant, objects: 0, examples: [] };
  let before: Link["before"];
  let kept: KeptManifest | undefined;
  try {
    kept = await keepManifest(place, asked.file, options.folder);
    const { sha256, asStored } = kept;
    const { header, versions } = await kept.open();
    before = header.before;
    const isGood = asStored && (asked.vouched ?? sha256) === sha256;
    if (isGood) damage = { ...damage, ...(await damageIn(place, versions(), { newer: asked.newer, options, seen })) };
    else for await (const _ of versions()); // one that is cut isn't altered
    const fault = asStored ? undefined : "its digest isn't the one that its run gave it";
    if (!isGood) kept.remove();
    return { link: { ...of, sha256, before, fault }, damage, kept: isGood ? kept : undefined };
  } catch (error) {
    kept?.remove();
    if (!(error instanceof ManifestFault)) throw error;
    return { link: { ...of, sha256: "", before, fault: error.message }, damage, kept: undefined };
  }
}

interface Looking {
  readonly newer: KeptManifest | undefined;
  readonly options: VerifyOptions;
  readonly seen: Seen;
}

/** What is in the newer manifest, too, was looked at there. */
async function damageIn(
  place: ManifestPlace,
  versions: AsyncIterable<VersionEntry>,
  { newer, options: { sample, onProgress, ...options }, seen: { bad, counts } }: Looking,
): Promise<Pick<Damage, "objects" | "examples">> {
  const known = new StoredByKey((await newer?.open())?.versions());
  const found = { objects: 0, examples: [] as Damage["examples"][number][] };
  const look = async ({ entry, isKnown }: Look) => {
    const id = storedId(entry);
    if (isKnown) return { entry, reason: bad.get(id) };
    const reason = await wrongWith(place, entry, options, counts);
    if (reason !== undefined) bad.set(id, reason);
    onProgress?.(++counts.looked);
    return { entry, reason };
  };
  const asked = spread(withKnown(versions, known), sample);
  try {
    for await (const { entry, reason } of pMapIterable(asked, look, { concurrency: AT_ONCE })) {
      if (reason === undefined) continue;
      found.objects += 1;
      if (found.examples.length < EXAMPLES) found.examples.push({ key: entry.key, version: entry.version, reason });
    }
  } finally {
    await known.close();
  }
  return found;
}

interface Look {
  readonly entry: VersionEntry;
  /** Whether it was looked at for the newer manifest. */
  readonly isKnown: boolean;
}

async function* withKnown(versions: AsyncIterable<VersionEntry>, known: StoredByKey): AsyncGenerator<Look> {
  for await (const entry of versions) {
    if (entry.marker !== true) yield { entry, isKnown: await known.has(entry) };
  }
}

/** A sample in which each is as likely as any other: no more than it is held. */
async function* spread(all: AsyncIterable<Look>, sample: number | undefined): AsyncGenerator<Look> {
  if (sample === undefined) return yield* all;
  const held: Look[] = [];
  let seen = 0;
  for await (const each of all) {
    seen += 1;
    const at = seen <= sample ? seen - 1 : Math.floor(Math.random() * seen);
    if (at < sample) held[at] = each;
  }
  yield* held.map(({ entry }) => ({ entry, isKnown: false }));
}
