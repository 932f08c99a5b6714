import pMap from "p-map";
import { LiveClient } from "./client.ts";
import { type Asked, answerFault, codeOf } from "./faults.ts";
import type { Look } from "./live-server.ts";
import { ReadError } from "./read-error.ts";
import type { Answer } from "./request.ts";
import type { ServerAddress } from "./server-address.ts";
import { parseXml } from "./xml.ts";

export interface ReaderOptions {
  /** Questions at the same time. @default 16 */
  readonly concurrency?: number | undefined;
  /** Called after each look. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Reads from a server, after it was asked for its buckets: it is there, it is MinIO, it takes the credentials. An
 * identity that may not list buckets passes, it may still read them.
 * @throws ReadError when the server as a whole can't be looked at: unreachable, refusing, not MinIO
 */
export async function withReader<T>(
  server: ServerAddress,
  options: ReaderOptions,
  read: (reader: Reader) => Promise<T>,
): Promise<T> {
  const client = new LiveClient(server);
  try {
    await probe(client);
    return await read(new Reader(client, options));
  } finally {
    client.close();
  }
}

/** Looks at parts of one server; after it went away, the rest isn't asked for one by one. */
export class Reader {
  readonly client: LiveClient;
  readonly #concurrency: number;
  readonly #onProgress: NonNullable<ReaderOptions["onProgress"]>;
  #gone: ReadError | undefined;
  #done = 0;
  #total = 0;

  constructor(client: LiveClient, { concurrency = 16, onProgress = () => {} }: ReaderOptions) {
    this.client = client;
    this.#concurrency = concurrency;
    this.#onProgress = onProgress;
  }

  /** What the work reads, or why it couldn't be had. */
  look<T>(work: () => Promise<T>): Promise<Look<T>> {
    this.#total++;
    return this.#take(work);
  }

  /** A look at each item, some at the same time; in the order of the items. */
  lookAtEach<T, R>(
    items: readonly T[],
    work: (item: T) => Promise<R>,
    { atOnce = this.#concurrency }: { readonly atOnce?: number } = {},
  ): Promise<Look<R>[]> {
    this.#total += items.length;
    const concurrency = Math.min(atOnce, this.#concurrency);
    return pMap(items, (item) => this.#take(() => work(item)), { concurrency });
  }

  /**
   * What an answer says.
   * @param asked for messages: the part of the server, and the right that it needs
   * @param parse undefined for a body that isn't what was asked for
   * @throws ReadError where it isn't had
   */
  async read<T>(sent: Promise<Answer>, asked: Asked, parse: (body: string) => T | undefined): Promise<T> {
    const answer = await sent;
    const found = answer.status === 200 ? parse(answer.body) : undefined;
    if (found === undefined) throw answerFault(answer, this.client.server, asked);
    return found;
  }

  async #take<T>(work: () => Promise<T>): Promise<Look<T>> {
    try {
      if (this.#gone !== undefined) throw this.#gone;
      return { value: await work() };
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      if (error.everywhere) this.#gone ??= await failureOf(probe(this.client));
      return { reason: error.message };
    } finally {
      this.#onProgress(++this.#done, this.#total);
    }
  }
}

async function probe(client: LiveClient): Promise<void> {
  const answer = await client.service();
  if (codeOf(answer) === "AccessDenied") return;
  if (answer.status === 200 && parseXml(answer.body, "ListAllMyBucketsResult") !== undefined) return;
  throw answerFault(answer, client.server, {});
}

async function failureOf(work: Promise<void>): Promise<ReadError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}
