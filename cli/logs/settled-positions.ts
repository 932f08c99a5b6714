import { readRecord, writePrivate } from "../local/private-files.ts";

/** How long after it took lines the store has them on its disk for sure, milliseconds: it is told to write each second. */
const SETTLED = 5000;

/**
 * How far logs were shipped: what the store took, and what it has on its disk, which alone is written down. A store or a
 * shipper that was killed gets the lines between the two again.
 */
export class SettledPositions<Positions extends object> {
  readonly #file: string;
  #taken: Positions;
  #settled: Positions;
  readonly #waiting: { readonly at: number; readonly positions: Positions }[] = [];
  #started: string | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#settled = (readRecord(file) ?? {}) as Positions;
    this.#taken = this.#settled;
  }

  /** What the store took. */
  get taken(): Positions {
    return this.#taken;
  }

  take(positions: Positions, now: Date): void {
    this.#taken = positions;
    this.#waiting.push({ at: now.getTime(), positions });
  }

  /**
   * Writes down what the store has on its disk by now.
   * @param started when the store was started: another time than before means that it may have lost what it had in memory
   * @returns whether lines go to it again
   */
  settle(started: string, now: Date): boolean {
    const isOther = this.#started !== undefined && this.#started !== started;
    if (isOther) {
      this.#taken = this.#settled;
      this.#waiting.length = 0;
    }
    this.#started = started;
    const settled = this.#waiting.filter(({ at }) => at <= now.getTime() - SETTLED);
    const last = settled.at(-1);
    if (last !== undefined) {
      this.#waiting.splice(0, settled.length);
      this.#settled = last.positions;
      writePrivate(this.#file, JSON.stringify(this.#settled));
    }
    return isOther;
  }
}
