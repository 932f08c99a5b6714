import { createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import pMap, { pMapIterable } from "p-map";
import type { Connection } from "../../provider/server/connection.ts";
import { hasName } from "../../provider/server/read.ts";
import { BackupFault } from "../fault.ts";
import { manifestName } from "../manifest/names.ts";
import { ManifestFault, type ManifestHeader, type ManifestTrailer, type VersionEntry } from "../manifest/schema.ts";
import { ManifestWriter } from "../manifest/write.ts";
import {
  fetchManifest,
  listManifests,
  type ManifestPlace,
  type ManifestSummary,
  manifestSummary,
} from "../target/manifests.ts";
import { putManifest } from "../target/put-manifest.ts";
import { begin, holdsAny } from "./begun.ts";
import { type Listed, versionsOf } from "./listing.ts";
import { endsTooSoon, extendLock, type Lock, lockEnd } from "./lock.ts";
import { type Gone, type Merged, merged } from "./merge.ts";
import { serverTime } from "./server-time.ts";
import { type Store, storeVersion } from "./store.ts";
import { tagsReadAt } from "./tags-age.ts";

/** Pages of a listing in work at the same time, and of each so many versions. */
const PAGES = 3;
const VERSIONS = 8;
/** How far the source's clock may go back. */
const CLOCK_MS = 5_000;

/** One bucket to back up, and where. */
export interface BucketBackup {
  readonly source: Connection;
  readonly target: Connection;
  readonly platform: string;
  readonly bucket: string;
  /** Beginnings of keys, sorted, none within another; empty is the whole bucket. */
  readonly prefixes: readonly string[];
  readonly into: { readonly bucket: string; readonly prefix: string };
  readonly lock: Lock;
}

export interface RunOptions {
  /** Reads what is to know of each version anew instead of taking it from the former manifest. */
  readonly full: boolean;
  /** Private, on this machine: where the manifest lies before it is stored. */
  readonly folder: string;
  /** Told how many versions were looked at. */
  readonly onProgress: (versions: number) => void;
}

/** What a run recorded. */
export interface BucketRun {
  readonly bucket: string;
  readonly instant: string;
  /** Name of the manifest. */
  readonly manifest: string;
  readonly trailer: ManifestTrailer;
  /** Locks that were extended. */
  readonly extended: number;
  /** Versions that the former manifest has and the source no more. */
  readonly gone: number;
  /** Versions that were deleted or written over while the run looked at them: not recorded. */
  readonly vanished: number;
}

/**
 * Copies what is new in a bucket and records every version in a manifest. Nothing is recorded before all is stored: where
 * it throws, the target has objects that the next run finds again, and no manifest.
 */
export async function backUpBucket(what: BucketBackup, options: RunOptions): Promise<BucketRun> {
  const { source, target, bucket, into, lock } = what;
  const place: ManifestPlace = { server: target, target: into.bucket, prefix: into.prefix, bucket };
  const last = (await listManifests(place)).at(-1);
  const now = await momentAfter(source, bucket, last?.instant);
  const former = last === undefined || options.full ? undefined : await fetchManifest(place, last.name);
  const before = former?.summary ?? (last && (await summaryOf(place, last.name)));
  const header: ManifestHeader = {
    ...{ schema: 1, platform: what.platform, bucket, prefixes: [...what.prefixes], instant: now.toISOString() },
    before: last && before ? { name: last.name, sha256: before.sha256 } : null,
  };
  const isCovered = former !== undefined && isDeepStrictEqual(former.header.prefixes, header.prefixes);
  /** Asked for the first version that is new: what is unchanged needs no look at the target. */
  const look = async (): Promise<boolean> => {
    if (last === undefined) return holdsAny(target, into);
    return (await begin({ target, bucket, into }, last.stored)) || !isCovered;
  };
  let looked: Promise<boolean> | undefined;
  const store: Store = {
    source,
    target,
    bucket,
    into,
    lock,
    now,
    mayHold: () => {
      looked ??= look();
      return looked;
    },
    mayHide: options.full && last !== undefined,
  };
  const tagsRead = tagsReadAt(former?.summary["tags-read"], now);
  const path = join(options.folder, bucket);
  try {
    const writer = new ManifestWriter(header, createWriteStream(path, { mode: 0o600 }));
    const counts = { looked: 0, extended: 0, vanished: 0 };
    const gone: Gone = { count: 0 };
    const pages = merged(listing(what, tagsRead === header.instant), former?.versions(), gone);
    const work = (page: readonly Merged[]) => settle(store, page);
    for await (const page of pMapIterable(pages, work, { concurrency: PAGES, backpressure: PAGES * 2 })) {
      for (const done of page) {
        if (done.entry === null) counts.vanished += 1;
        else await writer.add(done.entry, done.added);
        if (done.extended) counts.extended += 1;
      }
      counts.looked += page.length;
      options.onProgress(counts.looked);
    }
    if (former !== undefined && former.sha256() !== former.summary.sha256) throw altered(last?.name ?? "");
    const written = await writer.end();
    const name = manifestName(now);
    await putManifest(place, name, { path, written }, { mode: lock.mode, until: lockEnd(lock, now), tagsRead });
    const { extended, vanished } = counts;
    const { trailer } = written;
    return { bucket, instant: header.instant, manifest: name, trailer, extended, gone: gone.count, vanished };
  } finally {
    rmSync(path, { force: true });
  }
}

/** Of the last manifest where it isn't read: one that was altered isn't what a new one can be chained to. */
async function summaryOf(place: ManifestPlace, name: string): Promise<ManifestSummary | null> {
  try {
    return await manifestSummary(place, name);
  } catch (error) {
    if (error instanceof ManifestFault) return null;
    throw error;
  }
}

function altered(name: string): ManifestFault {
  return new ManifestFault(
    `manifest ${name} isn't the file that its run stored: its digest is another; bucketworks backup verify says which are whole`,
  );
}

async function* listing({ source, bucket, prefixes }: BucketBackup, tags: boolean): AsyncGenerator<Listed[]> {
  for (const prefix of prefixes.length > 0 ? prefixes : [""])
    yield* versionsOf(source, bucket, prefix, tags ? "tags" : "names");
}

interface Settled {
  /** Null of a version that vanished. */
  readonly entry: VersionEntry | null;
  readonly added: boolean;
  readonly extended: boolean;
}

/** One page: what is known and locked for long enough needs no request. */
async function settle(store: Store, page: readonly Merged[]): Promise<Settled[]> {
  const settled: (Settled | undefined)[] = page.map(({ listed, former }) => known(store, listed, former));
  const open = page.flatMap((each, index) => (settled[index] === undefined ? [{ ...each, index }] : []));
  await pMap(
    open,
    async ({ listed, former, index }) => {
      settled[index] = await request(store, listed, former);
    },
    { concurrency: VERSIONS },
  );
  return settled as Settled[];
}

function known({ lock, now }: Store, listed: Listed, former: VersionEntry | undefined): Settled | undefined {
  const { key, version, modified, latest, marker } = listed;
  const done = { added: false, extended: false };
  if (marker) return { ...done, entry: { key, version, modified, size: 0, etag: "", latest, marker } };
  if (former?.stored === undefined || endsTooSoon(former.stored.until, lock, now)) return undefined;
  return { ...done, entry: asListed(former, listed) };
}

/** Tags may have changed without another version. */
function asListed(former: VersionEntry, { latest, tags }: Listed): VersionEntry {
  if (tags === undefined) return { ...former, latest };
  const { tags: _, ...rest } = former;
  return { ...rest, latest, ...(Object.keys(tags).length > 0 && { tags: { ...tags } }) };
}

async function request(store: Store, listed: Listed, former: VersionEntry | undefined): Promise<Settled> {
  const { target, into, lock, now } = store;
  if (former?.stored !== undefined) {
    try {
      const until = await extendLock(target, { bucket: into.bucket, ...former.stored }, lock, now);
      const entry = asListed({ ...former, stored: { ...former.stored, until } }, listed);
      return { entry, added: false, extended: true };
    } catch (error) {
      // Its lock was over, and it was deleted: it is stored again.
      if (!["NoSuchKey", "NoSuchVersion"].some((name) => hasName(error, name))) throw error;
    }
  }
  const stored = await storeVersion(store, listed);
  return { entry: stored?.entry ?? null, added: stored?.added ?? false, extended: false };
}

/** A moment of the source's clock after the last manifest's: they are named by it. */
async function momentAfter(source: Connection, bucket: string, last: Date | undefined): Promise<Date> {
  for (;;) {
    const now = await serverTime(source, bucket);
    if (last === undefined || now > last) return now;
    if (last.getTime() - now.getTime() > CLOCK_MS) {
      throw new BackupFault(
        `bucket ${bucket}: the server's clock says ${now.toISOString()}, before the last manifest, ${last.toISOString()}; put the clock right, or wait; a manifest that no run made is hidden by mc rm`,
      );
    }
    await setTimeout(200, undefined, { signal: source.signal });
  }
}
