import { readRecord, writePrivate } from "../local/private-files.ts";
import { entryOf, fitting } from "./entry.ts";
import type { Mask } from "./mask.ts";
import type { Positions } from "./positions.ts";
import { readSources, type SourceRead } from "./reading.ts";
import type { LogSource } from "./sources.ts";
import { insert, type StoreLogin, startedAt } from "./store.ts";

/** How long after it took lines the store has them on its disk for sure, milliseconds: it is told to write each second. */
const SETTLED = 5000;
/** Bytes of lines in one request, about. */
const BATCH = 4 * 1024 * 1024;

export interface ShipperSettings {
  readonly store: StoreLogin;
  readonly mask: Mask;
  /** The file in which it is written down how far logs were shipped. */
  readonly file: string;
  /** Told what came of a look at the logs, once the store has taken their lines. */
  readonly looked: (reads: readonly SourceRead[]) => void;
}

/**
 * Ships what is added to logs, each line at least once: how far it has come is written down once the store has the lines on
 * its disk. A store that was killed before gets them again, and so does one whose shipper was killed.
 */
export class Shipper {
  readonly #settings: ShipperSettings;
  /** What the store took, and what it has on its disk. */
  #taken: Positions;
  #settled: Positions;
  readonly #waiting: { readonly at: number; readonly positions: Positions }[] = [];
  #started: string | undefined;

  constructor(settings: ShipperSettings) {
    this.#settings = settings;
    this.#settled = (readRecord(settings.file) ?? {}) as Positions;
    this.#taken = this.#settled;
  }

  /**
   * Ships what is there.
   * @returns how many lines, and how many bytes are left for the next time
   * @throws StoreFault it is read again the next time
   */
  async ship(sources: readonly LogSource[], now: Date): Promise<{ lines: number; left: number }> {
    const { store, mask, looked } = this.#settings;
    await this.#settle(await startedAt(store), now);
    const { reads, positions } = readSources(sources, this.#taken, BATCH);
    const left = reads.reduce((sum, read) => sum + read.left, 0);
    const entries = reads.flatMap(({ lines, source: { path: _, ...source } }) =>
      lines.map((line) => fitting(entryOf(line, source, now, mask))),
    );
    if (entries.length > 0) await insert(store, entries);
    looked(reads);
    if (entries.length === 0 && !reads.some(({ isGap }) => isGap)) return { lines: 0, left };
    this.#taken = positions;
    this.#waiting.push({ at: now.getTime(), positions });
    return { lines: entries.length, left };
  }

  async #settle(started: string, now: Date): Promise<void> {
    if (this.#started !== undefined && this.#started !== started) {
      // It was killed, perhaps, and lost what it had in memory.
      this.#taken = this.#settled;
      this.#waiting.length = 0;
    }
    this.#started = started;
    const settled = this.#waiting.filter(({ at }) => at <= now.getTime() - SETTLED);
    const last = settled.at(-1);
    if (last === undefined) return;
    this.#waiting.splice(0, settled.length);
    this.#settled = last.positions;
    writePrivate(this.#settings.file, JSON.stringify(this.#settled));
  }
}
