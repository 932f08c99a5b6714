import type { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Connection } from "../../provider/server/connection.ts";
import { manifestInstant, manifestsPrefix } from "../manifest/names.ts";
import { type OpenManifest, openManifest } from "../manifest/read.ts";
import { ManifestFault } from "../manifest/schema.ts";
import { versionsOf } from "../run/listing.ts";

/** Where the manifests of one source bucket lie. */
export interface ManifestPlace {
  readonly server: Connection;
  /** The target bucket. */
  readonly target: string;
  readonly prefix: string;
  /** The source bucket. */
  readonly bucket: string;
}

export interface ManifestFile {
  readonly name: string;
  readonly instant: Date;
  /** Of the file. */
  readonly bytes: number;
  /** By the target's clock. */
  readonly stored: Date;
}

/** The counts of a manifest and the digest of its file, kept beside it: to list manifests none is read. */
const about = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  versions: z.coerce.number().int(),
  markers: z.coerce.number().int(),
  bytes: z.coerce.number().int(),
  added: z.coerce.number().int(),
  "added-bytes": z.coerce.number().int(),
  /** When a run last asked for the tags of all that it has. */
  "tags-read": z.iso.datetime().optional(),
});

export type ManifestSummary = Readonly<z.infer<typeof about>>;

/** Every manifest of a bucket, the oldest first. */
export async function listManifests(place: ManifestPlace): Promise<ManifestFile[]> {
  const { server, target, bucket, prefix } = place;
  const Prefix = manifestsPrefix(prefix, bucket);
  const files: ManifestFile[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await server.s3.send(new ListObjectsV2Command({ Bucket: target, Prefix, ContinuationToken }), {
      abortSignal: server.signal,
    });
    for (const { Key = "", Size = 0, LastModified = new Date() } of page.Contents ?? []) {
      const name = Key.slice(Prefix.length);
      const instant = manifestInstant(name);
      if (instant !== null) files.push({ name, instant, bytes: Size, stored: LastModified });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A manifest's file as its run stored it, whatever lies on top of it now. */
export interface FirstManifest extends Omit<ManifestFile, "bytes" | "stored"> {
  /** The version that was written first. */
  readonly version: string;
  /** True where a later version or a delete marker hides it. */
  readonly overwritten: boolean;
  /** True where that is a delete marker: no key of a backup can make one, so its owner did, or a lifecycle rule. */
  readonly hidden: boolean;
}

/** Every manifest of a bucket by what was written first, the oldest first: also those that something hides. */
export async function firstManifests({ server, target, prefix, bucket }: ManifestPlace): Promise<FirstManifest[]> {
  const begin = manifestsPrefix(prefix, bucket);
  const files = new Map<string, FirstManifest>();
  for await (const page of versionsOf(server, target, begin)) {
    for (const { key, version, marker } of page) {
      const name = key.slice(begin.length);
      const instant = manifestInstant(name);
      if (instant === null) continue;
      const newer = files.get(name);
      // Newest first: what comes last was there first. A marker alone has nothing below it to read.
      const hidden = newer?.hidden ?? marker;
      if (!marker) files.set(name, { name, instant, version, overwritten: newer !== undefined, hidden });
      else files.set(name, newer ?? { name, instant, version: "", overwritten: true, hidden });
    }
  }
  return [...files.values()].filter(({ version }) => version !== "");
}

/** Those of them that a restore may go by: who hides one by a delete marker wants it to count no more. */
export async function shownManifests(place: ManifestPlace): Promise<FirstManifest[]> {
  return (await firstManifests(place)).filter(({ hidden }) => !hidden);
}

/** What is known of a manifest without reading it. @throws ManifestFault where it isn't as a run stores it */
export async function manifestSummary(place: ManifestPlace, name: string): Promise<ManifestSummary> {
  const { server, target } = place;
  const head = await server.s3.send(new HeadObjectCommand({ Bucket: target, Key: manifestKey(place, name) }), {
    abortSignal: server.signal,
  });
  return summaryIn(place, name, head.Metadata);
}

/**
 * The bytes of a manifest's file, with the digest that its run gave it.
 * @param version the current one where it is absent
 */
export async function manifestBody(
  place: ManifestPlace,
  name: string,
  version?: string,
): Promise<{ readonly body: Readable; readonly summary: ManifestSummary }> {
  const { server, target } = place;
  const { Body, Metadata } = await server.s3.send(
    new GetObjectCommand({ Bucket: target, Key: manifestKey(place, name), VersionId: version }),
    // read as slowly as the listing goes on
    { abortSignal: server.signal, requestTimeout: 0 },
  );
  const body = Body as Readable;
  try {
    return { body, summary: summaryIn(place, name, Metadata) };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** Opens a manifest for reading, with the digest that its run gave it. */
export async function fetchManifest(
  place: ManifestPlace,
  name: string,
): Promise<OpenManifest & { readonly summary: ManifestSummary }> {
  const { body, summary } = await manifestBody(place, name);
  return { ...(await openManifest(name, body)), summary };
}

function summaryIn(place: ManifestPlace, name: string, metadata: unknown): ManifestSummary {
  const result = about.safeParse(metadata);
  if (result.success) return result.data;
  throw new ManifestFault(
    `${manifestKey(place, name)} in bucket ${place.target} isn't a manifest as a run stores it: ${result.error.issues[0]?.path.join(".")} is missing or wrong; who may write there?`,
  );
}

/** Of its file in the target bucket. */
export function manifestKey({ prefix, bucket }: ManifestPlace, name: string): string {
  return `${manifestsPrefix(prefix, bucket)}${name}`;
}
