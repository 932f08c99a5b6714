import { createReadStream, type ReadStream } from "node:fs";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { HttpRequest } from "@smithy/core/protocols";
import { hasName } from "../../provider/server/read.ts";
import { BackupFault } from "../fault.ts";
import type { Written } from "../manifest/write.ts";
import type { Lock } from "../run/lock.ts";
import { type ManifestPlace, manifestKey, manifestSummary } from "./manifests.ts";

/** Bytes from which on the server is asked whether it takes a file before that is sent. */
const LARGE = 1024 * 1024;

/** A manifest that is written, on this machine. */
interface Spooled {
  readonly path: string;
  readonly written: Written;
}

/**
 * Stores a manifest from a file, whole or not at all. It is read as it is sent: how long it is doesn't matter.
 * @throws BackupFault where there is one by its name
 */
export async function putManifest(
  place: ManifestPlace,
  name: string,
  file: Spooled,
  { mode, until, tagsRead }: { readonly mode: Lock["mode"]; readonly until: Date; readonly tagsRead: string },
): Promise<void> {
  const { server, target } = place;
  const { trailer, sha256, bytes } = file.written;
  const Metadata = { sha256, ...counts(trailer), "tags-read": tagsRead };
  const command = new PutObjectCommand({
    ...{ Bucket: target, Key: manifestKey(place, name), ContentType: "application/gzip", Metadata, IfNoneMatch: "*" },
    ...{ ContentLength: bytes, ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64") },
    ...{ ObjectLockMode: mode, ObjectLockRetainUntilDate: until },
  });
  const sent = sendFile(command, file);
  try {
    await server.s3.send(command, { abortSignal: server.signal, requestTimeout: 600_000 });
  } catch (error) {
    if (!hasName(error, "PreconditionFailed")) throw error;
    // The first try may have stored it, and its answer was lost.
    if ((await manifestSummary(place, name)).sha256 === sha256) return;
    throw new BackupFault(
      `bucket ${place.bucket}: another run has just stored the manifest ${name}; this one recorded nothing, and what it copied is found by the next`,
    );
  } finally {
    for (const stream of sent) stream.destroy();
  }
}

/**
 * Each try reads the file from its beginning: a stream that is given to the SDK as body is tried once. The signature is of the
 * content, whose digest is known.
 * @returns what was opened
 */
function sendFile(command: PutObjectCommand, { path, written: { bytes, sha256 } }: Spooled): readonly ReadStream[] {
  const opened: ReadStream[] = [];
  command.middlewareStack.addRelativeTo(
    <A extends { request: unknown }, R>(next: (args: A) => R) =>
      (args: A): R => {
        const request = HttpRequest.clone(args.request as HttpRequest);
        const body = createReadStream(path);
        opened.push(body);
        request.body = body;
        request.headers["x-amz-content-sha256"] = sha256;
        if (bytes > LARGE) request.headers.expect = "100-continue";
        return next({ ...args, request });
      },
    { relation: "before", toMiddleware: "httpSigningMiddleware", name: "sendFile" },
  );
  return opened;
}

function counts(trailer: Written["trailer"]): Record<string, string> {
  const { versions, markers, bytes, added, addedBytes } = trailer;
  const numbers = { versions, markers, bytes, added, "added-bytes": addedBytes };
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
}
