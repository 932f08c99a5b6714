import { readRecord, writePrivate } from "../local/private-files.ts";
import { type Entry, entryOf } from "./entry.ts";
import type { Mask } from "./mask.ts";
import { type Positions, readAdded } from "./positions.ts";
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
   * @throws StoreFault nothing is lost
   */
  async ship(sources: readonly LogSource[], now: Date): Promise<{ lines: number; left: number }> {
    const { store, mask } = this.#settings;
    await this.#settle(await startedAt(store), now);
    const positions: Record<string, Positions[string]> = {};
    const entries: Entry[] = [];
    let [bytes, left] = [0, 0];
    for (const { path, ...source } of sources) {
      const before = this.#taken[path] ?? [];
      const read = bytes < BATCH ? readAdded(path, before) : { lines: [], positions: before, left: 1 };
      for (const line of read.lines) entries.push(entryOf(line, source, now, mask));
      bytes += read.lines.reduce((sum, line) => sum + line.length, 0);
      left += read.left;
      positions[path] = read.positions;
    }
    if (entries.length === 0) return { lines: 0, left };
    await insert(store, entries);
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
