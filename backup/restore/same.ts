import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";
import type { VersionEntry } from "../manifest/schema.ts";
import { type Head, headOf } from "../run/head.ts";
import type { Listed } from "../run/listing.ts";
import { described, tagsOf } from "../run/store.ts";

/** An object as it is now. */
export interface Restored {
  readonly server: Connection;
  readonly bucket: string;
  readonly version: string;
}

/** An object in the backup. */
export interface Wanted {
  readonly entry: VersionEntry;
  /** The server and the bucket where contents are stored. */
  readonly backups: Connection;
  readonly target: string;
}

/**
 * Whether an object is what it was: content, metadata and tags. The content is told by what proves it, the cheapest first: the
 * version itself, the ETag where it is a digest, a checksum, the bytes.
 * @param read reads the bytes whatever else proves it
 * @returns what differs, in a few words; undefined where nothing does
 */
export async function differenceOf(
  { server, bucket, version }: Restored,
  wanted: Wanted,
  read = false,
): Promise<string | undefined> {
  const { entry } = wanted;
  const id = { Bucket: bucket, Key: entry.key, VersionId: version };
  const head = await headOf(server, { bucket, key: entry.key, version });
  const tags = head.TagCount ? await tagsOf(server, id) : {};
  const now = described(head, tags);
  if (head.ContentLength !== entry.size) return `its size is ${head.ContentLength} bytes, not ${entry.size}`;
  if (!isDeepStrictEqual(now.metadata ?? {}, entry.metadata ?? {})) return "its metadata are others";
  if (!isDeepStrictEqual(now.tags ?? {}, entry.tags ?? {})) return "its tags are others";
  if (read) return contentDiffers(server, id, wanted);
  if (version === entry.version && version !== "null") return undefined;
  const digest = contentDigest(entry.etag);
  if (digest !== undefined && digest === contentDigest(head.ETag ?? "")) return undefined;
  if (entry.checksum !== undefined && entry.checksum === now.checksum && isOfAll(head)) return undefined;
  if (await hasDigestOfStored(wanted, head)) return undefined;
  return contentDiffers(server, id, wanted);
}

/** Whether a listing proves by itself that an object is what it was. Of `expires` it tells nothing. */
export function isAsListed(entry: VersionEntry, listed: Listed | undefined): boolean {
  const digest = contentDigest(entry.etag);
  return (
    listed?.size === entry.size &&
    digest !== undefined &&
    digest === contentDigest(listed.etag) &&
    isDeepStrictEqual(listed.metadata, entry.metadata ?? {}) &&
    isDeepStrictEqual(listed.tags, entry.tags ?? {})
  );
}

interface Id {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string;
}

/** A checksum of parts is another one where the parts are others. */
function isOfAll({ ChecksumType }: Head): boolean {
  return ChecksumType === "FULL_OBJECT";
}

/**
 * The copy in the backup has a checksum that its server computed of the content, whatever the source had. One that was copied in
 * parts has none, but an ETag of the parts' digests: both copies are made of equal parts.
 */
async function hasDigestOfStored({ entry: { stored }, backups, target }: Wanted, head: Head): Promise<boolean> {
  const parts = partsDigest(head);
  if (stored === undefined || (!isOfAll(head) && parts === undefined)) return false;
  const of = await headOf(backups, { bucket: target, ...stored });
  if (parts !== undefined && parts === partsDigest(of)) return true;
  const [mine, its] = [head, of].map((each) => described(each, {}).checksum);
  return isOfAll(head) && isOfAll(of) && mine !== undefined && mine === its;
}

function partsDigest({ ETag = "" }: Head): string | undefined {
  return /^"?([0-9a-f]{32}-[0-9]+)"?$/.exec(ETag)?.[1];
}

/** Reads both, or the one where the manifest has the digest of the other. */
async function contentDiffers(
  server: Connection,
  id: Id,
  { entry, backups, target }: Wanted,
): Promise<string | undefined> {
  const digest = contentDigest(entry.etag);
  const now = await digestsOf(server, id);
  if (digest !== undefined && digest === now.md5) return undefined;
  if (entry.stored === undefined) return digest === undefined ? "nothing is left to compare it with" : DIFFERS;
  const { key: Key, version: VersionId } = entry.stored;
  const then = await digestsOf(backups, { Bucket: target, Key, VersionId });
  return then.sha256 === now.sha256 ? undefined : DIFFERS;
}

const DIFFERS = "its content is another";

/** Of the bytes as they are read. */
export async function digestsOf(
  { s3, signal }: Connection,
  id: Id,
): Promise<{ readonly md5: string; readonly sha256: string }> {
  const { Body } = await s3.send(new GetObjectCommand(id), { abortSignal: signal });
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  for await (const chunk of Body as Readable) {
    md5.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
  }
  return { md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}

/** What of an ETag looks like a digest of the content: 32 hex digits. That of an object in parts has their number behind it. */
export function contentDigest(etag: string): string | undefined {
  return /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1];
}
