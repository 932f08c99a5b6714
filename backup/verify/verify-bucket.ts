import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { pMapIterable } from "p-map";
import { hasName } from "../../provider/server/read.ts";
import { compareKeys } from "../manifest/order.ts";
import { openManifest } from "../manifest/read.ts";
import { ManifestFault, type VersionEntry } from "../manifest/schema.ts";
import { contentDigest, digestsOf } from "../restore/same.ts";
import { type FirstManifest, firstManifests, type ManifestPlace, manifestBody } from "../target/manifests.ts";
import { type Chain, judgeChain, type Link } from "./chain.ts";

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
 * Follows the manifests of a bucket from the newest one, and looks at what they say is stored. A version that several have is
 * looked at once.
 */
export async function verifyBucket(place: ManifestPlace, options: VerifyOptions): Promise<Verified> {
  const kept = new Date(Date.now() - options.keepDays * DAY_MS);
  const files = keptFiles(await firstManifests(place), kept);
  const links: Link[] = [];
  for (const file of files) links.push(await linkOf(place, file));
  const chain = judgeChain(links, kept);
  const counts = { looked: 0, read: 0 };
  const bad = new Map<string, string>();
  const damage: Damage[] = [];
  let newer: FirstManifest | undefined;
  for (const { name } of chain.good.toReversed()) {
    const file = files.find((each) => each.name === name);
    if (file === undefined) continue;
    const found = await damageOf(place, { file, newer }, options, { bad, counts });
    if (found.objects > 0) damage.push(found);
    newer = file;
  }
  return { ...chain, ...counts, manifests: files.length, damage: damage.reverse() };
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

async function linkOf(place: ManifestPlace, { name, instant, version, overwritten }: FirstManifest): Promise<Link> {
  const of = { name, instant, overwritten };
  let before: Link["before"];
  try {
    const { body, summary } = await manifestBody(place, name, version);
    const { header, versions, sha256 } = await openManifest(name, body);
    before = header.before;
    for await (const _ of versions());
    const digest = sha256();
    const fault = summary.sha256 === digest ? undefined : "its digest isn't the one that its run gave it";
    return { ...of, sha256: digest, before, fault };
  } catch (error) {
    if (!(error instanceof ManifestFault)) throw error;
    return { ...of, sha256: "", before, fault: error.message };
  }
}

interface Seen {
  /** Stored objects that are wrong, with the reason. */
  readonly bad: Map<string, string>;
  readonly counts: { looked: number; read: number };
}

/** What is in the newer manifest, too, was looked at there. */
async function damageOf(
  place: ManifestPlace,
  { file, newer }: { readonly file: FirstManifest; readonly newer: FirstManifest | undefined },
  { sample, read, onProgress }: VerifyOptions,
  { bad, counts }: Seen,
): Promise<Damage> {
  const known = new StoredByKey(newer && versionsIn(place, newer));
  const found = { objects: 0, examples: [] as Damage["examples"][number][] };
  const look = async ({ entry, isKnown }: Asked) => {
    const id = idOf(entry);
    if (isKnown) return { entry, reason: bad.get(id) };
    const reason = await wrongWith(place, entry, read, counts);
    if (reason !== undefined) bad.set(id, reason);
    onProgress?.(++counts.looked);
    return { entry, reason };
  };
  const asked = spread(withKnown(versionsIn(place, file), known), sample);
  try {
    for await (const { entry, reason } of pMapIterable(asked, look, { concurrency: AT_ONCE })) {
      if (reason === undefined) continue;
      found.objects += 1;
      if (found.examples.length < EXAMPLES) found.examples.push({ key: entry.key, version: entry.version, reason });
    }
  } finally {
    await known.close();
  }
  return { manifest: file.name, instant: file.instant, ...found };
}

interface Asked {
  readonly entry: VersionEntry;
  /** Whether it was looked at for the newer manifest. */
  readonly isKnown: boolean;
}

async function* versionsIn(place: ManifestPlace, { name, version }: FirstManifest): AsyncGenerator<VersionEntry> {
  const { body } = await manifestBody(place, name, version);
  yield* (await openManifest(name, body)).versions();
}

async function* withKnown(versions: AsyncIterable<VersionEntry>, known: StoredByKey): AsyncGenerator<Asked> {
  for await (const entry of versions) {
    if (entry.marker !== true) yield { entry, isKnown: await known.has(entry) };
  }
}

function idOf({ key, version, stored }: VersionEntry): string {
  return JSON.stringify(stored === undefined ? [key, version] : [stored.key, stored.version]);
}

/** What a manifest has stored, one key at a time, asked for in the order of keys. */
class StoredByKey {
  readonly #versions: AsyncIterator<VersionEntry> | undefined;
  #key = "";
  #ids = new Set<string>();
  #ahead: VersionEntry | undefined;
  #begun = false;

  constructor(versions: AsyncIterable<VersionEntry> | undefined) {
    this.#versions = versions?.[Symbol.asyncIterator]();
  }

  async has(entry: VersionEntry): Promise<boolean> {
    if (!this.#begun) await this.#read();
    if (entry.key !== this.#key || !this.#begun) {
      this.#key = entry.key;
      this.#ids = new Set();
      while (this.#ahead !== undefined && compareKeys(this.#ahead.key, entry.key) < 0) await this.#read();
      for (; this.#ahead?.key === entry.key; await this.#read()) this.#ids.add(idOf(this.#ahead));
    }
    this.#begun = true;
    return this.#ids.has(idOf(entry));
  }

  /** What the newer manifest has beyond the last key isn't read: its request would hold a connection as long as the command lasts. */
  async close(): Promise<void> {
    await this.#versions?.return?.();
  }

  async #read(): Promise<void> {
    const { done = true, value } = (await this.#versions?.next()) ?? {};
    this.#ahead = done ? undefined : value;
  }
}

/** A sample in which each is as likely as any other: no more than it is held. */
async function* spread(all: AsyncIterable<Asked>, sample: number | undefined): AsyncGenerator<Asked> {
  if (sample === undefined) return yield* all;
  const held: Asked[] = [];
  let seen = 0;
  for await (const each of all) {
    seen += 1;
    const at = seen <= sample ? seen - 1 : Math.floor(Math.random() * seen);
    if (at < sample) held[at] = each;
  }
  yield* held.map(({ entry }) => ({ entry, isKnown: false }));
}

async function wrongWith(
  place: ManifestPlace,
  { key, version, stored, size, etag }: VersionEntry,
  read: boolean,
  counts: { read: number },
): Promise<string | undefined> {
  const { server, target, bucket } = place;
  if (stored === undefined) return "the manifest has no content of it";
  const id = { Bucket: target, Key: stored.key, VersionId: stored.version };
  try {
    const head = await server.s3.send(new HeadObjectCommand(id), { abortSignal: server.signal });
    if (head.ContentLength !== size) return `what is stored has ${head.ContentLength} bytes, not ${size}`;
    if (!read) return undefined;
    counts.read += 1;
    const content = await digestsOf(server, id);
    if (content.md5 === contentDigest(etag)) return undefined;
    // An ETag of parts, or of what a KMS encrypts, is no digest of the content: the source has it, while it is there.
    const source = await sourceDigest(server, { Bucket: bucket, Key: key, VersionId: version });
    if (source !== undefined) return source === content.sha256 ? undefined : "what is stored isn't what the source has";
    return contentDigest(etag) === undefined ? undefined : "what is stored isn't what its ETag says";
  } catch (error) {
    if (!GONE.some((name) => hasName(error, name))) throw error;
    return "what is stored isn't there any more";
  }
}

const GONE = ["NotFound", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"] as const;

async function sourceDigest(
  server: ManifestPlace["server"],
  id: Parameters<typeof digestsOf>[1],
): Promise<string | undefined> {
  try {
    return (await digestsOf(server, id)).sha256;
  } catch (error) {
    if (GONE.some((name) => hasName(error, name))) return undefined;
    throw error;
  }
}
