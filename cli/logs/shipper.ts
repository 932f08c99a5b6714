import { entryOf, fitting } from "./entry.ts";
import type { Mask } from "./mask.ts";
import type { Positions } from "./positions.ts";
import { readSources, type SourceRead } from "./reading.ts";
import { SettledPositions } from "./settled-positions.ts";
import type { LogSource } from "./sources.ts";
import { insert, type StoreLogin, startedAt } from "./store.ts";

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
  readonly #positions: SettledPositions<Positions>;

  constructor(settings: ShipperSettings) {
    this.#settings = settings;
    this.#positions = new SettledPositions(settings.file);
  }

  /**
   * Ships what is there.
   * @returns how many lines, and how many bytes are left for the next time
   * @throws StoreFault it is read again the next time
   */
  async ship(sources: readonly LogSource[], now: Date): Promise<{ lines: number; left: number }> {
    const { store, mask, looked } = this.#settings;
    this.#positions.settle(await startedAt(store), now);
    const { reads, positions } = readSources(sources, this.#positions.taken, BATCH);
    const left = reads.reduce((sum, read) => sum + read.left, 0);
    const entries = reads.flatMap(({ lines, source: { path: _, ...source } }) =>
      lines.map((line) => fitting(entryOf(line, source, now, mask))),
    );
    if (entries.length > 0) await insert(store, entries);
    looked(reads);
    if (entries.length === 0 && !reads.some(({ isGap }) => isGap)) return { lines: 0, left };
    this.#positions.take(positions, now);
    return { lines: entries.length, left };
  }
}
