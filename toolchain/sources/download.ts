import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { Fault, Unavailable } from "../fault.ts";
import { mustRun } from "../process.ts";

const ANSWER_MS = 5_000;
const STALL_MS = 10_000;
const unreachable = new Map<string, string>();

/** An official archive, and its SHA-256 or the published list that holds its checksum. */
export type Archive = { readonly url: string } & ({ readonly checksums: string } | { readonly sha256: string });

/** Fetches with a limit to the first byte and a limit to silence after it. A host that failed once is not asked again. */
async function get(
  url: string,
  signal: AbortSignal,
): Promise<{ body: ReadableStream; alive: () => void; end: () => void }> {
  const { origin } = new URL(url);
  const known = unreachable.get(origin);
  if (known) throw new Unavailable(known);
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), ANSWER_MS);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), STALL_MS);
  };
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) });
    alive();
    if (!response.ok || !response.body) throw new Unavailable(`${url} answered ${response.status}`);
    return { body: response.body as ReadableStream, alive, end: () => clearTimeout(timer) };
  } catch (error) {
    clearTimeout(timer);
    signal.throwIfAborted();
    if (error instanceof Unavailable) throw error;
    const reason = silence.signal.aborted ? `did not answer in ${ANSWER_MS / 1000} s` : "is not reachable";
    unreachable.set(origin, `${origin} ${reason}`);
    throw new Unavailable(`${origin} ${reason}`);
  }
}

async function text(url: string, signal: AbortSignal): Promise<string> {
  const { body, end } = await get(url, signal);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of Readable.fromWeb(body)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  } catch {
    signal.throwIfAborted();
    throw new Unavailable(`${url} broke off`);
  } finally {
    end();
  }
}

/** The checksum of a file in the output of `sha256sum` or `shasum` (older lists are SHA-1): lines of `<hex>  [./]<name>`. */
export function checksumOf(list: string, name: string): { algorithm: "sha256" | "sha1"; hex: string } | undefined {
  for (const line of list.split("\n")) {
    const [hex = "", file = ""] = line.trim().split(/\s+\*?/);
    if (basename(file) !== name) continue;
    if (/^[0-9a-f]{64}$/.test(hex)) return { algorithm: "sha256", hex };
    if (/^[0-9a-f]{40}$/.test(hex)) return { algorithm: "sha1", hex };
  }
  return undefined;
}

type Checksum = { algorithm: "sha256" | "sha1"; hex: string };

async function expectedChecksum(archive: Archive, name: string, signal: AbortSignal): Promise<Checksum> {
  if ("sha256" in archive) return { algorithm: "sha256", hex: archive.sha256 };
  const published = checksumOf(await text(archive.checksums, signal), name);
  if (!published) throw new Unavailable(`${archive.checksums} does not list ${name}`);
  return published;
}

/**
 * Downloads an official archive, compares it with its pinned or published checksum and unpacks it into `folder`.
 * @throws Unavailable when it can't be had here, in seconds
 * @throws Fault when it came with another checksum: never used, never ignored
 */
export async function unpackOfficial(
  archive: Archive,
  folder: string,
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  const name = basename(new URL(archive.url).pathname);
  const expected = await expectedChecksum(archive, name, signal);
  const { body, alive, end } = await get(archive.url, signal);
  const file = join(scratch, name);
  const hash = createHash(expected.algorithm);
  const stream = Readable.fromWeb(body);
  stream.on("data", (chunk: Buffer) => {
    alive();
    hash.update(chunk);
  });
  try {
    await pipeline(stream, createWriteStream(file));
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    throw new Unavailable(`${archive.url} broke off`);
  } finally {
    end();
  }
  const found = hash.digest("hex");
  if (found !== expected.hex) {
    throw new Fault(
      `${archive.url}: ${expected.algorithm} is ${found}, ${"sha256" in archive ? "pinned" : "published"} is ${expected.hex}; ` +
        "something between here and there changes downloads; BUCKETWORKS_TOOLCHAIN_SOURCE=build does without",
    );
  }
  await mustRun(name, "tar", ["-xzf", file, "-C", folder], { signal });
}
