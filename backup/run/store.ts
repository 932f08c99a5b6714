import { GetObjectTaggingCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import { hasName } from "../../provider/server/read.ts";
import { objectKey } from "../manifest/names.ts";
import type { VersionEntry } from "../manifest/schema.ts";
import { type Head, headOf } from "./head.ts";
import { type Listed, versionsOf } from "./listing.ts";
import { endsTooSoon, extendLock, type Lock, lockEnd } from "./lock.ts";
import { copyVersion } from "./stream.ts";

/** Where a bucket's versions are stored, and how. */
export interface Store {
  readonly source: Connection;
  readonly target: Connection;
  readonly bucket: string;
  readonly into: { readonly bucket: string; readonly prefix: string };
  readonly lock: Lock;
  readonly now: Date;
  /** Whether the target may hold versions that no manifest names: of a run that was interrupted. Asked before the first one is stored. */
  readonly mayHold: () => Promise<boolean>;
  /** Whether a delete marker of the target's lifecycle rules may hide what is stored: where no former manifest says what is. */
  readonly mayHide: boolean;
}

export interface StoredEntry {
  readonly entry: VersionEntry;
  /** Whether its content was stored by this run. */
  readonly added: boolean;
}

/** `PreconditionFailed` can only be said of a version that was written over: no other is copied by its ETag. */
const GONE = ["NoSuchKey", "NoSuchVersion", "NotFound", "PreconditionFailed"] as const;

/**
 * Stores one version and what is to know of it.
 * @returns null where the source has it no more: it was deleted, or written over, since it was listed
 */
export async function storeVersion(store: Store, listed: Listed): Promise<StoredEntry | null> {
  const { source, bucket } = store;
  const { key, version, modified, size, etag, latest } = listed;
  try {
    const id = { Bucket: bucket, Key: key, VersionId: version };
    const head = await headOf(source, { bucket, key, version });
    if (version === "null" && isAnother(listed, head)) return null;
    const tags = listed.tags ?? (head.TagCount ? await tagsOf(source, id) : {});
    const { stored, added } = await contentOf(store, listed, head, tags);
    return { entry: { key, version, modified, size, etag, latest, ...described(head, tags), stored }, added };
  } catch (error) {
    if (GONE.some((name) => hasName(error, name))) return null;
    throw error;
  }
}

/** Whether what has no version id was written over since it was listed. The header has whole seconds. */
function isAnother({ size, modified }: Listed, { ContentLength, LastModified }: Head): boolean {
  const listedAt = Math.floor(Date.parse(modified) / 1000);
  return ContentLength !== size || (LastModified !== undefined && LastModified.getTime() / 1000 !== listedAt);
}

export async function tagsOf(
  { s3, signal }: Connection,
  id: { Bucket: string; Key: string; VersionId: string },
): Promise<Record<string, string>> {
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand(id), { abortSignal: signal });
  return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** The content in the target: as an interrupted run left it, or copied now. */
async function contentOf(
  { source, target, bucket, into, lock, now, mayHold, mayHide }: Store,
  listed: Listed,
  head: Head,
  tags: Readonly<Record<string, string>>,
): Promise<{ stored: NonNullable<VersionEntry["stored"]>; added: boolean }> {
  const key = objectKey(into.prefix, { bucket, ...listed });
  const at = { bucket: into.bucket, key };
  const held = (await mayHold()) ? await heldVersion(target, at, listed.size, mayHide) : undefined;
  if (held !== undefined) {
    const { version, until } = held;
    const late = endsTooSoon(until, lock, now) ? await extendLock(target, { ...at, version }, lock, now) : until;
    return { stored: { key, version, until: late }, added: false };
  }
  const until = lockEnd(lock, now);
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Expires, Metadata } = head;
  const version = await copyVersion(source, target, {
    // The listing has another ETag of what the server encrypts than its own header is.
    source: {
      bucket,
      key: listed.key,
      version: listed.version,
      etag: listed.version === "null" ? head.ETag : undefined,
    },
    size: listed.size,
    target: at,
    lock: { mode: lock.mode, until },
    headers: {
      ...{ CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Expires, Metadata },
      Tagging: new URLSearchParams(tags).toString(),
    },
  });
  if (version === "null") throw new Error(`bucket ${into.bucket} gave no version id: its versioning is off`);
  return { stored: { key, version, until: until.toISOString() }, added: true };
}

interface Place {
  readonly bucket: string;
  readonly key: string;
  /** The current one where it is absent. */
  readonly version?: string;
}

type Held = { readonly version: string; readonly until: string } | undefined;

async function heldVersion(target: Connection, at: Place, size: number, mayHide: boolean): Promise<Held> {
  const shown = await lockedVersion(target, at, size);
  if (shown !== undefined || !mayHide) return shown;
  for await (const page of versionsOf(target, at.bucket, at.key)) {
    for (const { key, version, marker } of page) {
      if (marker || key !== at.key) continue;
      const held = await lockedVersion(target, { ...at, version }, size);
      if (held !== undefined) return held;
    }
  }
  return undefined;
}

async function lockedVersion(target: Connection, at: Place, size: number): Promise<Held> {
  try {
    const head = await headOf(target, at);
    const { VersionId: version, ContentLength, ObjectLockRetainUntilDate: until } = head;
    if (version === undefined || ContentLength !== size || until === undefined) return undefined;
    return { version, until: until.toISOString() };
  } catch (error) {
    if (["NotFound", "NoSuchKey", "MethodNotAllowed"].some((name) => hasName(error, name))) return undefined;
    throw error;
  }
}

const HEADERS = {
  "cache-control": "CacheControl",
  "content-disposition": "ContentDisposition",
  "content-encoding": "ContentEncoding",
  "content-language": "ContentLanguage",
  "content-type": "ContentType",
  expires: "ExpiresString",
} as const;

/** What a manifest says of a version beside its place: only what there is. */
export function described(
  head: Head,
  tags: Readonly<Record<string, string>>,
): Pick<VersionEntry, "checksum" | "metadata" | "tags" | "retention" | "hold"> {
  const checksum = checksumOf(head);
  const metadata = {
    ...Object.fromEntries(
      Object.entries(HEADERS).flatMap(([name, field]) => (head[field] === undefined ? [] : [[name, head[field]]])),
    ),
    ...Object.fromEntries(Object.entries(head.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = head;
  return {
    ...(checksum !== undefined && { checksum }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(mode !== undefined && until !== undefined && { retention: { mode, until: until.toISOString() } }),
    ...(head.ObjectLockLegalHoldStatus === "ON" && { hold: true as const }),
  };
}

const CHECKSUMS = ["CRC64NVME", "SHA256", "SHA1", "CRC32C", "CRC32"] as const;

function checksumOf(head: Head): string | undefined {
  const algorithm = CHECKSUMS.find((name) => head[`Checksum${name}`] !== undefined);
  return algorithm === undefined ? undefined : `${algorithm}:${head[`Checksum${algorithm}`]}`;
}
