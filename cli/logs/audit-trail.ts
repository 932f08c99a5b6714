import { createHash, randomBytes } from "node:crypto";
import type { LiveClient } from "../../live/client.ts";
import { readRecord, writePrivate } from "../local/private-files.ts";
import { entryOf, isAudit } from "./entry.ts";
import type { Mask } from "./mask.ts";
import type { Positions } from "./positions.ts";
import { readSources, type SourceRead } from "./reading.ts";
import type { LogSource } from "./sources.ts";

/** The first line of an object: where it stands in its chain. */
export interface ChainLink {
  readonly chain: string;
  /** From 1 on. */
  readonly sequence: number;
  /** SHA-256 of the object before; null of the first. */
  readonly previous: string | null;
  /** How many lines follow. */
  readonly lines: number;
}

/** What was written last. */
export interface ChainHead {
  readonly chain: string;
  readonly sequence: number;
  readonly digest: string | null;
}

interface State {
  readonly positions: Positions;
  readonly head: ChainHead;
  /** An object that is made and maybe not stored yet: with the same name and content it is stored once. */
  readonly pending: { readonly key: string; readonly body: string } | null;
}

export interface TrailSettings {
  readonly server: Pick<LiveClient, "send">;
  readonly bucket: string;
  readonly mask: Mask;
  readonly file: string;
  /** Told what came of a look at the logs. */
  readonly looked: (reads: readonly SourceRead[]) => void;
}

/**
 * Brings audit lines of logs into a bucket, as objects that name the digest of the one before. What was read and what was made
 * of it is written down at once, before it is stored: after a kill the same object is stored under the same name, so each line
 * is there once.
 */
export class AuditTrail {
  readonly #settings: TrailSettings;
  #state: State;

  constructor(settings: TrailSettings, now: Date) {
    this.#settings = settings;
    const chain = `${now.toISOString().slice(0, 19).replace(/\D/g, "")}-${randomBytes(3).toString("hex")}`;
    const none: State = { positions: {}, head: { chain, sequence: 0, digest: null }, pending: null };
    this.#state = (readRecord(settings.file) as State | undefined) ?? none;
  }

  /**
   * Stores the audit lines that were added to logs.
   * @returns how many, and how many bytes are left for the next time
   * @throws Error where the server can't be reached or refuses; they are stored the next time
   */
  async store(sources: readonly LogSource[], now: Date): Promise<{ lines: number; left: number }> {
    if (this.#state.pending === null) this.#take(sources, now);
    const { pending, head } = this.#state;
    if (pending === null) return { lines: 0, left: 0 };
    const { bucket, server } = this.#settings;
    const answer = await server.send({
      method: "PUT",
      bucketName: bucket,
      objectName: pending.key,
      payload: pending.body,
      headers: { "content-type": "application/jsonl", "if-none-match": "*" },
    });
    // 412: it was stored, and the answer was lost.
    if (answer.status !== 200 && answer.status !== 412) {
      const code = /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? "no reason";
      throw new Error(`bucket ${bucket} refuses object ${pending.key}: ${answer.status} ${code}`);
    }
    this.#keep({ ...this.#state, head: { ...head, digest: digestOf(pending.body) }, pending: null });
    return { lines: linkOf(pending.body)?.lines ?? 0, left: 0 };
  }

  #take(sources: readonly LogSource[], now: Date): void {
    const { positions, head } = this.#state;
    const { looked, mask } = this.#settings;
    const { reads, positions: after } = readSources(sources, positions);
    const lines = reads.flatMap(({ lines, source: { path: _, ...source } }) =>
      lines.filter(isAudit).map((line) => {
        const { _time, _msg, ...more } = entryOf(line, source, now, mask);
        return JSON.stringify({ time: _time, message: _msg, ...more });
      }),
    );
    if (lines.length === 0) {
      if (reads.some(({ lines, isGap }) => lines.length > 0 || isGap)) this.#keep({ ...this.#state, positions: after });
      looked(reads);
      return;
    }
    const sequence = head.sequence + 1;
    const link: ChainLink = { chain: head.chain, sequence, previous: head.digest, lines: lines.length };
    const key = `date=${now.toISOString().slice(0, 10)}/${head.chain}-${String(sequence).padStart(8, "0")}.jsonl`;
    const body = `${[JSON.stringify(link), ...lines].join("\n")}\n`;
    this.#keep({ positions: after, head: { ...head, sequence }, pending: { key, body } });
    looked(reads);
  }

  #keep(state: State): void {
    writePrivate(this.#settings.file, JSON.stringify(state));
    this.#state = state;
  }
}

export function digestOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

/** The first line of an object; undefined where it is none of a trail. */
export function linkOf(body: string): ChainLink | undefined {
  try {
    const link = JSON.parse(body.slice(0, body.indexOf("\n"))) as Partial<ChainLink>;
    return typeof link.chain === "string" && Number.isInteger(link.sequence) ? (link as ChainLink) : undefined;
  } catch {
    return undefined;
  }
}
