import { createDecipheriv } from "node:crypto";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { adminAnswer } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { CallError } from "./signed.ts";
import { uploadsIn } from "./uploads.ts";

/** Uploads whose parts lie on the server's drives while no bucket's list has them. */
export interface UnlistedUploads {
  readonly count: number;
  /** When the last of them began, ISO 8601; undefined where their names don't say. */
  readonly lastBegan: string | undefined;
}

/** Why the drives couldn't be looked at, a sentence's end. */
export class CouldNotSee extends Error {
  override readonly name = "CouldNotSee";
}

/**
 * Each MinIO server lists the uploads that it began itself since its last start. The parts of the others lie on its
 * drives under a hash of bucket and key, so nobody can tell whose they are: any bucket's, perhaps.
 * @throws CouldNotSee where the server doesn't tell, other faults of the connection
 */
export async function unlistedUploads(server: Connection): Promise<UnlistedUploads> {
  const unlisted = await uploadsOnDrives(server);
  if (unlisted.size > 0) for (const id of await listedUploads(server)) unlisted.delete(id);
  const began = [...unlisted].flatMap(beganAt).sort();
  return { count: unlisted.size, lastBegan: began.at(-1) };
}

/** A folder an upload: `.minio.sys/multipart/SHA-256/ID/`. The names stand in a zip file uncompressed. */
const FOLDER = /\.minio\.sys\/multipart\/[0-9a-f]{64}\/([^/]+)\//g;

/** `2 uploads in progress that no bucket lists (the last begun 2026-11-29T20:10:00.000Z)`. */
export function unlistedText({ count, lastBegan }: UnlistedUploads): string {
  const last = lastBegan === undefined ? "" : ` (the last begun ${lastBegan})`;
  return `${count} ${count === 1 ? "upload" : "uploads"} in progress that no bucket lists${last}`;
}

async function uploadsOnDrives(server: Connection): Promise<Set<string>> {
  const question = { volume: ".minio.sys", file: "multipart/*/*" };
  const { bytes } = await adminAnswer(server, "GET", "inspect-data", question).catch((error: unknown) => {
    if (!(error instanceof CallError) || error.$metadata.httpStatusCode >= 500) throw error;
    throw new CouldNotSee(
      error.name === "AccessDenied"
        ? "bucketworks:rootUser lacks admin:InspectData"
        : `${error.name}: ${error.message}`,
    );
  });
  return new Set([...zipFrom(bytes).matchAll(FOLDER)].map(([, id = ""]) => id));
}

/** By the names of their folders, which the ids hold: base64url of `DEPLOYMENT.FOLDER`. */
async function listedUploads(server: Connection): Promise<string[]> {
  const { Buckets = [] } = await server.s3.send(new ListBucketsCommand({}), { abortSignal: server.signal });
  const found: string[] = [];
  for (const { Name = "" } of Buckets) {
    for await (const { id } of uploadsIn(server, Name)) {
      found.push(
        Buffer.from(id, "base64url")
          .toString()
          .replace(/^[^.]*\./, ""),
      );
    }
  }
  return found;
}

/** `UUIDxNANOSECONDS` since 2023; a bare UUID before. */
function beganAt(folder: string): string[] {
  const nanoseconds = /x(\d{19})$/.exec(folder)?.[1];
  return nanoseconds === undefined ? [] : [new Date(Number(nanoseconds.slice(0, 13))).toISOString()];
}

/** Bytes of a fragment as sio-go writes them, of the tag behind each, and of the key before all. */
const FRAGMENT = 16 * 1024;
const TAG = 16;
const KEY = 32;
/** The record that a zip file ends with, and its length. */
const END = "PK\u0005\u0006";
const END_BYTES = 22;

/**
 * The zip file in an answer of `inspect-data`: one byte for the format, a key, then fragments under AES-256-GCM whose
 * nonce counts from 1. Tags aren't checked: the key stands beside them. A cut answer lacks the end of the zip file.
 * @throws CouldNotSee where it is of another form or cut, or the server couldn't read its drives
 * @see https://github.com/minio/minio/blob/7aac2a2c5b7c/cmd/admin-handlers.go (InspectDataHandler)
 */
function zipFrom(answer: Buffer): string {
  const key = answer.subarray(1, 1 + KEY);
  const sealed = answer.subarray(1 + KEY);
  const nonce = Buffer.alloc(12);
  let zip = "";
  for (let at = 0, counter = 1; key.length === KEY && at + TAG < sealed.length; at += FRAGMENT + TAG, counter++) {
    nonce.writeUInt32LE(counter, 8);
    const fragment = sealed.subarray(at, Math.min(at + FRAGMENT, sealed.length - TAG));
    zip += createDecipheriv("aes-256-gcm", key, nonce).update(fragment).toString("latin1");
  }
  if (answer[0] !== 1 || !zip.slice(-END_BYTES).startsWith(END) || zip.includes("GetRawData-err.txt")) {
    throw new CouldNotSee("the server's answer to inspect-data can't be read");
  }
  return zip;
}
