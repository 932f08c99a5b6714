import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type OpenManifest, openManifest } from "../manifest/read.ts";
import { type FirstManifest, type ManifestPlace, manifestBody } from "./manifests.ts";

/** A manifest's file as it lies on this machine: it was fetched once and can be read as slowly, and as often, as needed. */
export interface KeptManifest {
  readonly file: FirstManifest;
  /** Of the whole file. */
  readonly sha256: string;
  /** Whether that is the digest which its run gave it. */
  readonly asStored: boolean;
  /** @throws ManifestFault where its first line isn't a manifest's */
  open(): Promise<OpenManifest>;
  remove(): void;
}

/**
 * Fetches a manifest.
 * @param folder private, on this machine
 * @throws ManifestFault where it isn't as a run stores it
 */
export async function keepManifest(place: ManifestPlace, file: FirstManifest, folder: string): Promise<KeptManifest> {
  const path = join(folder, file.name);
  const { body, summary } = await manifestBody(place, file.name, file.version);
  const hash = createHash("sha256");
  body.on("data", (chunk: Buffer) => hash.update(chunk));
  await pipeline(body, createWriteStream(path, { mode: 0o600 }), { signal: place.server.signal });
  const sha256 = hash.digest("hex");
  return {
    ...{ file, sha256, asStored: sha256 === summary.sha256 },
    open: () => openManifest(file.name, createReadStream(path)),
    remove: () => rmSync(path, { force: true }),
  };
}
