import { unzipSync } from "fflate";
import type { BucketSettings } from "../bucket-types.ts";
import { adminAnswer } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { DOCUMENTS } from "./documents.ts";
import { CallError } from "./signed.ts";

/** Connections whose server doesn't export: it isn't asked again. */
const refused = new WeakSet<Connection>();

/** Every bucket has this document, if only an empty one: an export without it was broken off. */
const ALWAYS = "notification.xml";

/**
 * All settings of a bucket in one answer: a zip with a file each. Only `admin:ExportBucketMetadata` permits it, which root has
 * and docs/deployer-policy.json leaves out, since the zip also holds keys of replication targets: that file isn't unpacked.
 * @returns undefined where the settings have to be asked for one by one
 * @throws what says that there is no such bucket, or that the server can't be reached
 */
export async function exported(server: Connection, bucket: string): Promise<Partial<BucketSettings>[] | undefined> {
  if (refused.has(server)) return undefined;
  let zip: Buffer;
  try {
    zip = (await adminAnswer(server, "GET", "export-bucket-metadata", { bucket })).bytes;
  } catch (error) {
    if (!(error instanceof CallError) || error.name === "NoSuchBucket") throw error;
    if (error.$metadata.httpStatusCode < 500) refused.add(server);
    return undefined;
  }
  const files = unpacked(zip, bucket);
  if (files?.[`${bucket}/${ALWAYS}`] === undefined) return undefined;
  const parts = DOCUMENTS.map(({ file, read }) => {
    const body = files[`${bucket}/${file}`];
    return body === undefined ? {} : read(new TextDecoder().decode(body));
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function unpacked(zip: Buffer, bucket: string): Record<string, Uint8Array> | undefined {
  const wanted = new Set([ALWAYS, ...DOCUMENTS.map(({ file }) => file)].map((file) => `${bucket}/${file}`));
  try {
    return unzipSync(zip, { filter: ({ name }) => wanted.has(name) });
  } catch {
    // Cut off, or not a zip at all.
    return undefined;
  }
}
