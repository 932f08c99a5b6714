import { answerFault, codeOf } from "./faults.ts";
import type { Reader } from "./reader.ts";
import type { Query } from "./request.ts";
import { children, childText, type Element, parseXml } from "./xml.ts";

/** A version of an object, or the mark of its deletion. */
export interface ListedVersion {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly isMarker: boolean;
  /** When the next version, or a mark of deletion, took its place; null of the current one. */
  readonly supersededAt: number | null;
}

export interface Listing {
  /** Versions and marks that were listed. */
  readonly entries: number;
  /** False where it ended at its limit. */
  readonly complete: boolean;
  /** False where current versions alone were listed. */
  readonly versions: boolean;
}

export interface ListingRequest {
  readonly bucket: string;
  /** Whether former versions are wanted, too; who may not list them gets the current ones. */
  readonly versions: boolean;
  /** Most entries. */
  readonly limit: number;
  /** Given each entry, in the order of keys, the newest version of a key first. */
  readonly onEntry: (entry: ListedVersion) => void;
}

/** Of a page; the server's own most. */
const PAGE = 1000;

/**
 * Lists what is in a bucket, page by page: no more than a page is held at a time.
 * @throws ReadError
 */
export async function listObjects(reader: Reader, request: ListingRequest): Promise<Listing> {
  const { limit, onEntry } = request;
  let versions = request.versions;
  let before: ListedVersion | undefined;
  let marker: Query = {};
  let entries = 0;
  for (;;) {
    const size = Math.min(PAGE, limit - entries);
    const page = await pageOf(reader, request.bucket, { versions, marker, size });
    if (page === undefined) {
      versions = false;
      continue;
    }
    for (const entry of inOrder(page.found)) {
      const follows = before?.key === entry.key;
      before = { ...entry, supersededAt: follows ? (before?.modified ?? null) : null };
      onEntry(before);
    }
    entries += page.found.length;
    if (page.next === undefined) return { entries, complete: true, versions };
    if (entries >= limit) return { entries, complete: false, versions };
    marker = page.next;
  }
}

interface Page {
  readonly found: readonly Found[];
  /** Where the next page begins; undefined at the end. */
  readonly next: Query | undefined;
}

interface Found extends Omit<ListedVersion, "supersededAt"> {
  readonly isLatest: boolean;
}

/** @returns undefined where versions may not be listed */
async function pageOf(
  { client }: Reader,
  bucket: string,
  { versions, marker, size }: { versions: boolean; marker: Query; size: number },
): Promise<Page | undefined> {
  // encoded: a key may hold characters that XML can't
  const query = { ...(versions ? { versions: "" } : { "list-type": "2" }), "encoding-type": "url", ...marker };
  const answer = await client.send({ bucketName: bucket, query: { ...query, "max-keys": String(size) } });
  if (versions && codeOf(answer) === "AccessDenied") return undefined;
  const root = versions ? "ListVersionsResult" : "ListBucketResult";
  const list = answer.status === 200 ? parseXml(answer.body, root) : undefined;
  if (list === undefined) {
    throw answerFault(answer, client.server, { what: `objects of ${bucket}`, right: "s3:ListBucket", deed: "list" });
  }
  const found = [
    ...children(list, versions ? "Version" : "Contents").map((each) => foundIn(each, false)),
    ...children(list, "DeleteMarker").map((each) => foundIn(each, true)),
  ];
  return { found, next: childText(list, "IsTruncated") === "true" ? nextOf(list, versions) : undefined };
}

function nextOf(list: Element, versions: boolean): Query {
  if (!versions) return { "continuation-token": childText(list, "NextContinuationToken") ?? "" };
  const [key, version] = ["NextKeyMarker", "NextVersionIdMarker"].map((name) => childText(list, name) ?? "");
  return { "key-marker": decoded(key ?? ""), ...(version ? { "version-id-marker": version } : {}) };
}

function foundIn(entry: Element, isMarker: boolean): Found {
  return {
    key: decoded(childText(entry, "Key") ?? ""),
    bytes: Number(childText(entry, "Size") ?? 0),
    modified: Date.parse(childText(entry, "LastModified") ?? ""),
    isMarker,
    isLatest: childText(entry, "IsLatest") !== "false",
  };
}

/** Versions and marks come apart; those of a key belong together, the newest first. */
function inOrder(found: readonly Found[]): Omit<ListedVersion, "supersededAt">[] {
  const byKey = new Map<string, Found[]>();
  for (const each of found) byKey.set(each.key, [...(byKey.get(each.key) ?? []), each]);
  const keys = [...byKey.keys()];
  // without marks the order is the server's, which is that of bytes
  if (found.some(({ isMarker }) => isMarker)) keys.sort(byBytes);
  return keys.flatMap((key) =>
    (byKey.get(key) ?? []).toSorted((a, b) => Number(b.isLatest) - Number(a.isLatest) || b.modified - a.modified),
  );
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** MinIO writes a blank as a plus, and a plus in its code. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return text;
  }
}
