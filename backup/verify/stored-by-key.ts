import { compareKeys } from "../manifest/order.ts";
import type { VersionEntry } from "../manifest/schema.ts";

/** Tells stored contents apart. */
export function storedId({ key, version, stored }: VersionEntry): string {
  return JSON.stringify(stored === undefined ? [key, version] : [stored.key, stored.version]);
}

/** What a manifest has stored, one key at a time, asked for in the order of keys. */
export class StoredByKey {
  readonly #versions: AsyncIterator<VersionEntry> | undefined;
  #key = "";
  #ids = new Set<string>();
  #ahead: VersionEntry | undefined;
  #begun = false;

  constructor(versions: AsyncIterable<VersionEntry> | undefined) {
    this.#versions = versions?.[Symbol.asyncIterator]();
  }

  async has(entry: VersionEntry): Promise<boolean> {
    if (!this.#begun) await this.#read();
    if (entry.key !== this.#key || !this.#begun) {
      this.#key = entry.key;
      this.#ids = new Set();
      while (this.#ahead !== undefined && compareKeys(this.#ahead.key, entry.key) < 0) await this.#read();
      for (; this.#ahead?.key === entry.key; await this.#read()) this.#ids.add(storedId(this.#ahead));
    }
    this.#begun = true;
    return this.#ids.has(storedId(entry));
  }

  /** What it has beyond the last key isn't read. */
  async close(): Promise<void> {
    await this.#versions?.return?.();
  }

  async #read(): Promise<void> {
    const { done = true, value } = (await this.#versions?.next()) ?? {};
    this.#ahead = done ? undefined : value;
  }
}
