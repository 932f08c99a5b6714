import { compareKeys } from "../manifest/order.ts";
import type { VersionEntry } from "../manifest/schema.ts";
import type { Listed } from "./listing.ts";

/** A version of the source, and what the former manifest says of it. */
export interface Merged {
  readonly listed: Listed;
  readonly former: VersionEntry | undefined;
}

/** How many versions the former manifest has that the source has no more. */
export interface Gone {
  count: number;
}

/**
 * Brings a bucket's listing and its former manifest together, both by keys: of each no more is kept than one key's versions.
 * @param gone is counted up
 * @throws where the listing isn't in the order of keys
 */
export async function* merged(
  pages: AsyncIterable<readonly Listed[]>,
  former: AsyncGenerator<VersionEntry, unknown> | undefined,
  gone: Gone,
): AsyncGenerator<Merged[]> {
  const before = new ByKey(former, gone);
  let last = "";
  for await (const page of pages) {
    const batch: Merged[] = [];
    for (const listed of page) {
      if (listed.key !== last) {
        if (compareKeys(listed.key, last) < 0) {
          throw new Error(`the listing isn't in the order of keys: ${JSON.stringify(listed.key)} follows a later one`);
        }
        last = listed.key;
        await before.advance(last);
      }
      batch.push({ listed, former: before.take(listed) });
    }
    yield batch;
  }
  await before.advance(undefined);
}

/** The former manifest's versions of one key at a time. */
class ByKey {
  private readonly entries: AsyncGenerator<VersionEntry, unknown> | undefined;
  private readonly gone: Gone;
  private next: VersionEntry | undefined;
  private started = false;
  private ofKey = new Map<string, VersionEntry>();

  constructor(entries: AsyncGenerator<VersionEntry, unknown> | undefined, gone: Gone) {
    this.entries = entries;
    this.gone = gone;
  }

  /** Goes on to a key, or to the end: what the source no longer has is counted. */
  async advance(key: string | undefined): Promise<void> {
    this.gone.count += this.ofKey.size;
    this.ofKey = new Map();
    if (!this.started) await this.read();
    this.started = true;
    while (this.next !== undefined && (key === undefined || compareKeys(this.next.key, key) < 0)) {
      this.gone.count += 1;
      await this.read();
    }
    while (this.next !== undefined && this.next.key === key) {
      this.ofKey.set(this.next.version, this.next);
      await this.read();
    }
  }

  /** Once each. In a bucket without versions one that was written over has the same id and is another. */
  take({ version, modified, etag }: Listed): VersionEntry | undefined {
    const found = this.ofKey.get(version);
    if (found === undefined || (version === "null" && (found.modified !== modified || found.etag !== etag))) return;
    this.ofKey.delete(version);
    return found;
  }

  private async read(): Promise<void> {
    const { done = true, value } = (await this.entries?.next()) ?? {};
    this.next = done ? undefined : (value as VersionEntry);
  }
}
