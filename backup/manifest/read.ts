import { createHash } from "node:crypto";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { z } from "zod";
import { compareKeys } from "./order.ts";
import {
  ManifestFault,
  type ManifestHeader,
  type ManifestTrailer,
  manifestHeader,
  manifestTrailer,
  type VersionEntry,
  versionEntry,
} from "./schema.ts";

/** A manifest that is being read, once and from its beginning to its end. */
export interface OpenManifest {
  readonly header: ManifestHeader;
  /**
   * Each version in its order; answers the last line. Only who has read to the end knows that the manifest is whole.
   * @throws ManifestFault where it isn't
   */
  versions(): AsyncGenerator<VersionEntry, ManifestTrailer>;
  /** Of the whole file, once it was read to the end. */
  sha256(): string;
}

/**
 * Reads a manifest as it arrives, in bounded memory.
 * @param name of the file, for messages
 * @throws ManifestFault where the first line isn't a manifest's; what `bytes` throws
 */
export async function openManifest(name: string, bytes: AsyncIterable<Uint8Array>): Promise<OpenManifest> {
  const hash = createHash("sha256");
  const lines = linesOf(name, counted(bytes, hash));
  const first = await lines.next();
  if (first.done) throw new ManifestFault(`manifest ${name} is empty; ${ADVICE}`);
  const header = parse(manifestHeader, first.value, `manifest ${name}, line 1`);
  let whole = false;
  return {
    header,
    async *versions() {
      const trailer = yield* entries(name, lines);
      whole = true;
      return trailer;
    },
    sha256() {
      if (!whole) throw new Error(`manifest ${name} wasn't read to its end`);
      return hash.copy().digest("hex");
    },
  };
}

const ADVICE = "bucketworks backup verify says which manifests are whole";

async function* entries(name: string, lines: AsyncGenerator<string>): AsyncGenerator<VersionEntry, ManifestTrailer> {
  const seen = { versions: 0, markers: 0, bytes: 0 };
  let key = "";
  let held: string | undefined;
  for await (const line of lines) {
    if (held !== undefined) {
      const place = `manifest ${name}, line ${seen.versions + 2}`;
      const entry = parse(versionEntry, held, place);
      if (compareKeys(entry.key, key) < 0)
        throw new ManifestFault(`${place}: its key sorts before the last; ${ADVICE}`);
      key = entry.key;
      seen.versions += 1;
      seen.bytes += entry.size;
      if (entry.marker) seen.markers += 1;
      yield entry;
    }
    held = line;
  }
  const cut = `manifest ${name} is cut after line ${seen.versions + 1}: its last line, which counts the others, is missing; ${ADVICE}`;
  if (held === undefined || !held.startsWith('{"versions":')) throw new ManifestFault(cut);
  const trailer = parse(manifestTrailer, held, `manifest ${name}, last line`);
  const { versions, markers, bytes } = trailer;
  if (versions !== seen.versions || markers !== seen.markers || bytes !== seen.bytes) {
    const [said, has] = [trailer, seen].map(
      (of) => `${of.versions} versions, ${of.markers} markers, ${of.bytes} bytes`,
    );
    throw new ManifestFault(`manifest ${name} has ${has}, and its last line says ${said}; ${ADVICE}`);
  }
  return trailer;
}

function parse<T extends z.ZodType>(schema: T, line: string, place: string): z.infer<T> {
  const result = schema.safeParse(json(line, place));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new ManifestFault(`${place}${where === "" ? "" : `, ${where}`}: ${issue?.message}; ${ADVICE}`);
}

function json(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ManifestFault(`${place} is no JSON; ${ADVICE}`);
  }
}

async function* counted(bytes: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Lines without their end. A last one that has none was cut, and is not a line. */
async function* linesOf(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // The source's own fault, an outage, has to stay what it is: gunzip's are told apart by their code.
  const text = pipeline(bytes, createGunzip(), () => undefined).setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of text) {
      const lines = (rest + (chunk as string)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("Z_")) throw error;
    throw new ManifestFault(`manifest ${name} is cut or altered: ${(error as Error).message}; ${ADVICE}`);
  }
  if (rest !== "") throw new ManifestFault(`manifest ${name} is cut: its last line has no end; ${ADVICE}`);
}
