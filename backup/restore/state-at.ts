import { compareKeys } from "../manifest/order.ts";
import type { VersionEntry } from "../manifest/schema.ts";

type Versions = AsyncIterable<VersionEntry>;

/**
 * What a bucket held at a moment: of each key the newest version that was there by then, in the order of keys; a key whose
 * newest one is a delete marker isn't in it. Of both manifests, since one alone lacks something: the one before lacks what was
 * written up to the moment, the one after lacks what was removed for good since. Both are read once, side by side: no more
 * than a version of each is held.
 * @param before versions of the last manifest at or before the moment, sorted by key, newest first
 * @param after those of the first manifest after it; nothing where the moment is that of the former
 */
export async function* stateAt(moment: Date, before: Versions, after: Versions): AsyncGenerator<VersionEntry> {
  const sides = [new Newest(moment, before), new Newest(moment, after)] as const;
  let [old, next] = await Promise.all([sides[0].take(), sides[1].take()]);
  while (old !== undefined || next !== undefined) {
    const order = old === undefined ? 1 : next === undefined ? -1 : compareKeys(old.key, next.key);
    const found = order < 0 ? old?.newest : order > 0 ? next?.newest : together(old?.newest, next?.newest);
    if (found !== undefined && found.marker !== true) yield found;
    const last = { old, next };
    if (order <= 0) old = await sides[0].take();
    if (order >= 0) next = await sides[1].take();
    mustRise(last.old, old);
    mustRise(last.next, next);
  }
}

/** Nothing; for a moment that is a manifest's own. */
export async function* noVersions(): AsyncGenerator<VersionEntry> {}

interface Key {
  readonly key: string;
  /** Undefined where all of its versions are later than the moment. */
  readonly newest: VersionEntry | undefined;
}

/** Takes the versions of one key after the other. */
class Newest {
  readonly #moment: Date;
  readonly #versions: AsyncIterator<VersionEntry>;
  #ahead: VersionEntry | undefined;
  #begun = false;

  constructor(moment: Date, versions: Versions) {
    this.#moment = moment;
    this.#versions = versions[Symbol.asyncIterator]();
  }

  /** The next key; undefined at the end. */
  async take(): Promise<Key | undefined> {
    if (!this.#begun) await this.#read();
    this.#begun = true;
    const key = this.#ahead?.key;
    if (key === undefined) return undefined;
    let newest: VersionEntry | undefined;
    for (; this.#ahead?.key === key; await this.#read()) {
      if (Date.parse(this.#ahead.modified) <= this.#moment.getTime()) newest = newer(newest, this.#ahead);
    }
    return { key, newest };
  }

  async #read(): Promise<void> {
    const { done, value } = await this.#versions.next();
    this.#ahead = done ? undefined : value;
  }
}

/**
 * The newer one of a key's. Of one instant the later manifest knows better: it was listed when that instant was over. Tags
 * and retention of a version can change: those before the moment are the ones it had.
 */
function together(old: VersionEntry | undefined, next: VersionEntry | undefined): VersionEntry | undefined {
  const found = newer(next, old);
  if (old === undefined || found?.version !== old.version || found.modified !== old.modified) return found;
  const stored = old.stored ?? next?.stored;
  return { ...old, ...(stored && { stored }) };
}

/** The one that was modified later; the first where both were at once. */
function newer(first: VersionEntry | undefined, second: VersionEntry | undefined): VersionEntry | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return Date.parse(second.modified) > Date.parse(first.modified) ? second : first;
}

/** Two files that aren't sorted alike would give a state that never was. */
function mustRise(last: Key | undefined, next: Key | undefined): void {
  if (last === undefined || next === undefined || last === next || compareKeys(last.key, next.key) < 0) return;
  throw new Error(`keys of a manifest aren't in order: ${JSON.stringify(next.key)} after ${JSON.stringify(last.key)}`);
}
