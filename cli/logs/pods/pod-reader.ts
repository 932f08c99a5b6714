import { ClusterFault, type ClusterPlace, containerLines, type PodContainer, type Wanted } from "./cluster-api.ts";
import { type LinePosition, linesAfter, positionBehind } from "./stamped-line.ts";

/** How far each container was read, by `keyOf`. */
export type PodPositions = Readonly<Record<string, LinePosition>>;

/** A line that was read. */
export interface ReadLine {
  readonly of: PodContainer;
  readonly at: string;
  readonly text: string;
  /** How far the container is read with it. */
  readonly behind: LinePosition | undefined;
}

/** Characters of lines that wait at most: then nothing more is read. */
const MOST = 16 * 1024 * 1024;

/** A container keeps its place when it is started again: times of lines go on. */
export function keyOf({ uid, container }: Pick<PodContainer, "uid" | "container">): string {
  return `${uid}/${container}`;
}

function nameOf({ pod, container }: PodContainer): string {
  return `${pod}/${container}`;
}

/** Follows the lines of containers, each in a stream of its own, and keeps them until somebody takes them. */
export class PodReader {
  /** Why lines of a container that is there can't be read, by pod and container. */
  readonly faults = new Map<string, string>();
  readonly #place: ClusterPlace;
  readonly #open = new Set<string>();
  /** Containers that ended and were read to their end, with how often they had been started again. */
  readonly #finished = new Map<string, number>();
  readonly #read = new Map<string, LinePosition>();
  #lines: ReadLine[] = [];
  #waiting = 0;
  #full: (() => void)[] = [];
  #stop = new AbortController();

  constructor(place: ClusterPlace) {
    this.#place = place;
  }

  /** Characters that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Opens streams of containers that have none, from where they were read, else from the positions. */
  follow(containers: readonly PodContainer[], positions: PodPositions): void {
    const there = new Set(containers.map(keyOf));
    for (const known of [this.#finished, this.#read])
      for (const key of known.keys()) if (!there.has(key) && !this.#open.has(key)) known.delete(key);
    const names = new Set(containers.map(nameOf));
    for (const name of this.faults.keys()) if (!names.has(name)) this.faults.delete(name);
    for (const each of containers) {
      const key = keyOf(each);
      if (this.#open.has(key) || this.#finished.get(key) === each.restarts) continue;
      const { signal } = this.#stop;
      this.#open.add(key);
      void this.#readAll(each, this.#read.get(key) ?? positions[key], signal).finally(() => {
        // After a reset another stream has its place.
        if (!signal.aborted) this.#open.delete(key);
      });
    }
  }

  /** Takes what was read, at most so many characters, about. */
  take(most: number): ReadLine[] {
    let size = 0;
    const end = this.#lines.findIndex(({ text }) => {
      size += text.length;
      return size > most;
    });
    const taken = this.#lines.splice(0, end < 0 ? this.#lines.length : end + 1);
    this.#waiting -= lengthOf(taken);
    for (const go of this.#full.splice(0)) go();
    return taken;
  }

  /** Puts back what couldn't be passed on. */
  putBack(lines: readonly ReadLine[]): void {
    this.#lines = [...lines, ...this.#lines];
    this.#waiting += lengthOf(lines);
  }

  /** Closes every stream and forgets what waits: the next `follow` begins at its positions. */
  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const known of [this.#open, this.#finished, this.#read]) known.clear();
    this.#lines = [];
    this.#waiting = 0;
    for (const go of this.#full.splice(0)) go();
  }

  async #readAll(of: PodContainer, from: LinePosition | undefined, signal: AbortSignal): Promise<void> {
    const name = nameOf(of);
    const since = from?.at;
    try {
      if ((from?.restarts ?? 0) < of.restarts) {
        const before = { ...of, restarts: of.restarts - 1 };
        await this.#pass(before, { previous: true, since, follow: false }, from, signal).catch(unlessGone);
      }
      await this.#pass(of, { since, follow: true }, from, signal);
      this.faults.delete(name);
      if (!of.isRunning && !signal.aborted) this.#finished.set(keyOf(of), of.restarts);
    } catch (error) {
      if (signal.aborted) return;
      // A stream that broke is opened again, and a pod that is gone is no fault.
      if (error instanceof ClusterFault && error.status !== 404) this.faults.set(name, `${name}: ${error.message}`);
      else this.faults.delete(name);
    }
  }

  async #pass(of: PodContainer, wanted: Wanted, from: LinePosition | undefined, signal: AbortSignal): Promise<void> {
    const key = keyOf(of);
    // One that waits to be started again shows the same lines as the one before it.
    const isNew = linesAfter(this.#read.get(key) ?? from);
    for await (const line of containerLines(this.#place, of, wanted, signal)) {
      if (signal.aborted) return;
      if (!isNew(line)) continue;
      const behind = positionBehind(this.#read.get(key) ?? from, line, of.restarts);
      if (behind !== undefined) this.#read.set(key, behind);
      this.#lines.push({ of, ...line, behind });
      this.#waiting += line.text.length;
      while (this.#waiting > MOST && !signal.aborted) await new Promise<void>((go) => this.#full.push(go));
    }
  }
}

function lengthOf(lines: readonly ReadLine[]): number {
  return lines.reduce((sum, { text }) => sum + text.length, 0);
}

/** What a container wrote before it was started again can't be had for ever. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ClusterFault) || (error.status !== 400 && error.status !== 404)) throw error;
}
