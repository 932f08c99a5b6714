import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { constants, createGzip } from "node:zlib";
import type { ManifestHeader, ManifestTrailer, VersionEntry } from "./schema.ts";

/** Characters kept before they are compressed. */
const CHUNK = 64 * 1024;

/** Of a manifest that is written. */
export interface Written {
  readonly trailer: ManifestTrailer;
  /** Of the whole file, as the next manifest names it. */
  readonly sha256: string;
  /** Of the file. */
  readonly bytes: number;
}

/** Writes a manifest into a stream, line by line: what is added is not kept. */
export class ManifestWriter {
  private readonly gzip = createGzip({ level: constants.Z_BEST_SPEED });
  private readonly hash = createHash("sha256");
  private readonly trailer = { versions: 0, markers: 0, bytes: 0, added: 0, addedBytes: 0 };
  private size = 0;
  private waiting = "";
  private fault: unknown;
  private readonly sink: Writable;

  constructor(header: ManifestHeader, sink: Writable) {
    this.sink = sink;
    this.gzip.on("data", (chunk: Buffer) => {
      this.hash.update(chunk);
      this.size += chunk.length;
      if (!sink.write(chunk)) {
        this.gzip.pause();
        sink.once("drain", () => this.gzip.resume());
      }
    });
    for (const stream of [this.gzip, sink]) {
      stream.on("error", (error) => {
        this.fault ??= error;
        this.gzip.destroy(error);
      });
    }
    this.waiting = `${JSON.stringify(header)}\n`;
  }

  /** In order of keys, each key's newest first. `added`: this run stored its content first. */
  async add(entry: VersionEntry, added = false): Promise<void> {
    this.trailer.versions += 1;
    this.trailer.bytes += entry.size;
    if (entry.marker) this.trailer.markers += 1;
    if (added) {
      this.trailer.added += 1;
      this.trailer.addedBytes += entry.size;
    }
    this.waiting += `${JSON.stringify(entry)}\n`;
    if (this.waiting.length > CHUNK) await this.flush();
  }

  /** Writes the last line and ends the stream. */
  async end(): Promise<Written> {
    this.waiting += `${JSON.stringify(this.trailer)}\n`;
    await this.flush();
    const compressed = once(this.gzip, "end");
    this.gzip.end();
    await compressed;
    const written = once(this.sink, "finish");
    this.sink.end();
    await written;
    return { trailer: { ...this.trailer }, sha256: this.hash.digest("hex"), bytes: this.size };
  }

  private async flush(): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    const text = this.waiting;
    this.waiting = "";
    if (!this.gzip.write(text)) await once(this.gzip, "drain");
  }
}
