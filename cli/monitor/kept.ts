import { DatabaseFault } from "../../database/fault.ts";
import type { History, Place } from "../../history/history.ts";
import { openHistory } from "../../history/open-history.ts";
import type { BackupDrill, RunSummary } from "../../report/schema.ts";

/** Runs that wait for the history to come back, at most. */
const MOST = 1000;

/**
 * A history that may be away for a while: runs wait for it in memory, and alerts are judged and told by what this
 * process knows. Then somebody may be told twice, but nobody not at all.
 */
export class KeptRuns {
  readonly #main: History;
  readonly #complain: (sentence: string) => void;
  #spare: History | undefined;
  #waiting: RunSummary[] = [];

  constructor(main: History, complain: (sentence: string) => void) {
    this.#main = main;
    this.#complain = complain;
  }

  async add(run: RunSummary): Promise<void> {
    this.#waiting = [...this.#waiting, run].slice(-MOST);
    await this.#or(async () => {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#main.add(next);
        this.#waiting.shift();
      }
    }, undefined);
  }

  last(of: Place, most: number): Promise<RunSummary[]> {
    return this.#or(() => this.#main.last(of, most), []);
  }

  drills(of: Place): Promise<ReadonlyMap<string, BackupDrill>> {
    return this.#or(() => this.#main.drills.last(of), new Map());
  }

  /** Works with the alerts of the history, else with those of this process. */
  async withAlerts<T>(work: (book: History["alerts"]) => Promise<T>): Promise<T> {
    try {
      return await work(this.#main.alerts);
    } catch (error) {
      if (!this.#isAway(error)) throw error;
      this.#spare ??= await openHistory(":memory:");
      return work(this.#spare.alerts);
    }
  }

  async close(): Promise<void> {
    await this.#spare?.close();
    await this.#main.close().catch(() => undefined);
  }

  async #or<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#isAway(error)) throw error;
      return otherwise;
    }
  }

  #isAway(error: unknown): boolean {
    const { code, message } = error as { code?: unknown; message: string };
    const isAway = error instanceof DatabaseFault || typeof code === "string";
    if (isAway) this.#complain(message);
    return isAway;
  }
}
