import { createHash } from "node:crypto";

const ENDING = ".ndjson.gz";
const NAME = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.ndjson\.gz$/;

/** What a stored object's key is made of. */
export interface StoredVersion {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly modified: string;
  readonly etag: string;
}

/**
 * Key of a version's content in the target bucket: the same in every run, so that one that was stored is found again, and of
 * fixed length, so that the longest key fits. In a bucket without versions a key's content changes below one version id: there
 * its time and ETag tell it apart.
 */
export function objectKey(prefix: string, { bucket, key, version, modified, etag }: StoredVersion): string {
  const parts = version === "null" ? [bucket, key, version, modified, etag] : [bucket, key, version];
  return `${prefix}objects/${createHash("sha256").update(parts.join("\0")).digest("hex")}`;
}

/** Below which the manifests of a bucket lie. */
export function manifestsPrefix(prefix: string, bucket: string): string {
  return `${prefix}manifests/${bucket}/`;
}

/** `20261130T020000Z.ndjson.gz` of a moment; fractions of a second are left out. */
export function manifestName(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z${ENDING}`;
}

/** The moment that a manifest's name says; null of a name that isn't one. */
export function manifestInstant(name: string): Date | null {
  const parts = NAME.exec(name);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(instant.getTime()) || manifestName(instant) !== name ? null : instant;
}
