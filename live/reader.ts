import { probe } from "./bucket-settings.ts";
import type { Answer, ServerAddress, Wire } from "./client.ts";
import { networkFault } from "./faults.ts";
import type { Look } from "./live-server.ts";
import { ReadError } from "./read-error.ts";

export interface ReaderOptions {
  readonly concurrency: number;
  readonly onProgress: (done: number, total: number) => void;
  /** Called once, when the server went away. */
  readonly onGone: () => void;
}

/** Looks at parts of one server; after it went away, the rest isn't asked for one by one. */
export class Reader {
  readonly wire: Wire;
  readonly server: ServerAddress;
  readonly #concurrency: number;
  readonly #onProgress: (done: number, total: number) => void;
  readonly #onGone: () => void;
  #gone: ReadError | undefined;
  #done = 0;
  #total = 0;

  constructor(wire: Wire, server: ServerAddress, options: ReaderOptions) {
    this.wire = wire;
    this.server = server;
    this.#concurrency = options.concurrency;
    this.#onProgress = options.onProgress;
    this.#onGone = options.onGone;
  }

  /** The answer of the work, or why it couldn't be had. */
  look<T>(work: () => Promise<T>): Promise<Look<T>> {
    this.#total++;
    return this.#take(work);
  }

  /** A look at each item, some at the same time; in the order of the items. */
  async lookAtEach<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<Look<R>[]> {
    this.#total += items.length;
    const looks: Look<R>[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < items.length; index = next++) {
        looks[index] = await this.#take(() => work(items[index] as T));
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#concurrency, items.length) }, worker));
    return looks;
  }

  async #take<T>(work: () => Promise<T>): Promise<Look<T>> {
    try {
      if (this.#gone !== undefined) throw this.#gone;
      return { value: await work() };
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      if (error.everywhere && this.#gone === undefined) {
        this.#gone = await this.#probe();
        if (this.#gone !== undefined) this.#onGone();
      }
      return { reason: error.message };
    } finally {
      this.#onProgress(++this.#done, this.#total);
    }
  }

  /** @throws ReadError when no answer comes */
  async answer(sent: Promise<Answer>): Promise<Answer> {
    try {
      return await sent;
    } catch (error) {
      throw networkFault(error, this.server);
    }
  }

  async #probe(): Promise<ReadError | undefined> {
    try {
      await probe(this.wire, this.server);
      return undefined;
    } catch (error) {
      if (error instanceof ReadError) return error;
      throw error;
    }
  }
}
