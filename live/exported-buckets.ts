import { unzipSync } from "fflate";
import { bucketOf, DOCUMENTS } from "./documents.ts";
import type { LiveBucket } from "./live-server.ts";
import type { Reader } from "./reader.ts";

/**
 * The settings of all buckets in one answer of the server: a zip with a folder a bucket. It also holds the keys of
 * replication targets in plaintext (`bucket-targets.json`): those files are never unpacked.
 * @returns undefined where the server refuses it, breaks it off or answers anything else: buckets are then asked for
 * one by one
 */
export async function exported({ client }: Reader): Promise<Map<string, LiveBucket> | undefined> {
  const answer = await client.adminFile("export-bucket-metadata").catch(() => undefined);
  if (answer === undefined || answer.status !== 200) return undefined;
  const files = unpacked(answer.body);
  if (files === undefined) return undefined;
  const byBucket = new Map<string, Map<string, string>>();
  for (const [path, content] of Object.entries(files)) {
    const [bucket = "", name = ""] = path.split("/");
    const documents = byBucket.get(bucket) ?? new Map<string, string>();
    byBucket.set(bucket, documents.set(name, new TextDecoder().decode(content)));
  }
  const buckets = new Map<string, LiveBucket>();
  for (const [name, documents] of byBucket) {
    const bucket = bucketOf(documents);
    if (bucket !== undefined) buckets.set(name, bucket);
  }
  return buckets;
}

const WANTED: ReadonlySet<string> = new Set(DOCUMENTS.map(({ file }) => file));

function unpacked(zip: Buffer): Record<string, Uint8Array> | undefined {
  try {
    return unzipSync(zip, { filter: ({ name }) => WANTED.has(name.split("/")[1] ?? "") });
  } catch {
    return undefined;
  }
}
