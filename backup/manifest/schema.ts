import { z } from "zod";

const text = z.string();
const count = z.int().min(0);
const instant = z.iso.datetime({ offset: false });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * First line of a manifest: what it is a list of. Everything that was modified up to `instant` and still there is listed;
 * of what was written while the list was made, some is.
 */
export const manifestHeader = z.strictObject({
  schema: z.literal(1),
  platform: text,
  bucket: text,
  /** Beginnings of keys; empty is the whole bucket. */
  prefixes: z.array(text),
  /** By the source's clock, whole seconds: the manifest's file is named by it. */
  instant,
  /**
   * The manifest that this one was made from: its file's name and the digest of the whole file; null of a bucket's first.
   * Two runs at once may have the same.
   */
  before: z.strictObject({ name: text, sha256 }).nullable(),
});

/** Where a version's content lies in the target bucket. */
const stored = z.strictObject({
  key: text,
  version: text,
  /** When its lock ends, as far as the run that wrote this knows: it may be later. */
  until: instant,
});

/** One version of an object, or a delete marker. */
export const versionEntry = z.strictObject({
  key: text,
  /** `null`, as S3 names it, where the bucket wasn't versioned. */
  version: text,
  modified: instant,
  /** Bytes; 0 of a delete marker. */
  size: count,
  /** Without quotes; empty of a delete marker. */
  etag: text,
  /** Whether it was the newest of its key. */
  latest: z.boolean(),
  marker: z.literal(true).optional(),
  /** Algorithm as S3 spells it, a colon and the value: `CRC64NVME:AbCd=`; of parts it ends in `-<parts>`. */
  checksum: text.optional(),
  /** Headers, lower case: `content-type` and its like, and the writer's own, `x-amz-meta-...`. */
  metadata: z.record(text, text).optional(),
  tags: z.record(text, text).optional(),
  retention: z.strictObject({ mode: z.enum(["GOVERNANCE", "COMPLIANCE"]), until: instant }).optional(),
  /** True under legal hold. */
  hold: z.literal(true).optional(),
  /** Absent of a delete marker. */
  stored: stored.optional(),
});

/** Last line: without it a file was cut. */
export const manifestTrailer = z.strictObject({
  /** All lines between the first and this one. */
  versions: count,
  /** Of those, delete markers. */
  markers: count,
  bytes: count,
  /** Versions whose content this run stored first. */
  added: count,
  addedBytes: count,
});

export type ManifestHeader = Readonly<z.infer<typeof manifestHeader>>;
export type VersionEntry = Readonly<z.infer<typeof versionEntry>>;
export type ManifestTrailer = Readonly<z.infer<typeof manifestTrailer>>;

/** A manifest that isn't one, was cut or altered: says where and what. */
export class ManifestFault extends Error {
  override readonly name = "ManifestFault";
}
