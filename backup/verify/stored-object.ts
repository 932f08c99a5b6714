import type { Connection } from "../../provider/server/connection.ts";
import { hasName } from "../../provider/server/read.ts";
import type { VersionEntry } from "../manifest/schema.ts";
import { contentDigest, digestsOf } from "../restore/same.ts";
import { headOf } from "../run/head.ts";
import type { ManifestPlace } from "../target/manifests.ts";

/**
 * Looks at what a manifest says is stored. `source` is where the bucket is that was backed up.
 * @param counts `read` is counted up where the content is read
 * @returns what is wrong with it, in a few words; undefined where nothing is
 */
export async function wrongWith(
  place: ManifestPlace,
  { key, version, stored, size, etag }: VersionEntry,
  { read, source: from = place.server }: { readonly read: boolean; readonly source?: Connection },
  counts: { read: number },
): Promise<string | undefined> {
  const { server, target, bucket } = place;
  if (stored === undefined) return "the manifest has no content of it";
  const id = { Bucket: target, Key: stored.key, VersionId: stored.version };
  try {
    const head = await headOf(server, { bucket: target, ...stored });
    if (head.ContentLength !== size) return `what is stored has ${head.ContentLength} bytes, not ${size}`;
    if (!read) return undefined;
    counts.read += 1;
    const content = await digestsOf(server, id);
    if (content.md5 === contentDigest(etag)) return undefined;
    // An ETag of parts, or of what a KMS encrypts, is no digest of the content: the source has it, while it is there.
    const source = await sourceDigest(from, { Bucket: bucket, Key: key, VersionId: version });
    if (source !== undefined) return source === content.sha256 ? undefined : "what is stored isn't what the source has";
    return contentDigest(etag) === undefined ? undefined : "what is stored isn't what its ETag says";
  } catch (error) {
    if (!GONE.some((name) => hasName(error, name))) throw error;
    return "what is stored isn't there any more";
  }
}

const GONE = ["NotFound", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"] as const;

async function sourceDigest(server: Connection, id: Parameters<typeof digestsOf>[1]): Promise<string | undefined> {
  try {
    return (await digestsOf(server, id)).sha256;
  } catch (error) {
    if (GONE.some((name) => hasName(error, name))) return undefined;
    throw error;
  }
}
