import { entryOf, fitting, type Source } from "../entry.ts";
import type { Mask } from "../mask.ts";
import { SettledPositions } from "../settled-positions.ts";
import { insert, type StoreLogin, startedAt } from "../store.ts";
import { type ClusterPlace, listContainers, type PodContainer } from "./cluster-api.ts";
import { keyOf, type PodPositions, PodReader, type ReadLine } from "./pod-reader.ts";

/** Characters of lines in one request, about. */
const BATCH = 4 * 1024 * 1024;
/** How often pods are listed, milliseconds: one that comes and goes in between isn't seen. */
const LIST = 2000;

export interface PodShipperSettings {
  readonly cluster: ClusterPlace;
  readonly store: StoreLogin;
  readonly mask: Mask;
  /** The file in which it is written down how far containers were shipped. */
  readonly file: string;
  /** Names: a service's name that begins with one is that platform's. */
  readonly platforms: readonly string[];
  /** Told which containers can't be read, and why, by name. */
  readonly looked: (faults: ReadonlyMap<string, string>) => void;
}

/** Ships the lines of a namespace's pods, each at least once as far as Kubernetes has it. */
export class PodShipper {
  readonly #settings: PodShipperSettings;
  readonly #positions: SettledPositions<PodPositions>;
  readonly #reader: PodReader;
  #containers: readonly PodContainer[] = [];
  #listed = 0;

  constructor(settings: PodShipperSettings) {
    this.#settings = settings;
    this.#positions = new SettledPositions(settings.file);
    this.#reader = new PodReader(settings.cluster);
  }

  /** Whether more waits than goes into one request. */
  get isBehind(): boolean {
    return this.#reader.waiting > BATCH;
  }

  /**
   * Ships what was read.
   * @returns how many lines, and how many characters are left for the next time
   * @throws StoreFault, ClusterFault it is tried again the next time
   */
  async ship(now: Date, stop: AbortSignal): Promise<{ lines: number; left: number }> {
    const { store, mask, looked } = this.#settings;
    if (this.#positions.settle(await startedAt(store), now)) this.#reader.reset();
    const unlisted = await this.#look(now, stop).catch((error: unknown) => error);
    const lines = this.#reader.take(BATCH);
    if (lines.length > 0) {
      const entries = lines.map((line) => this.#entry(line, now, mask));
      await insert(store, entries).catch((error: unknown) => {
        this.#reader.putBack(lines);
        throw error;
      });
      this.#positions.take(this.#behind(lines), now);
    }
    looked(this.#reader.faults);
    if (unlisted !== undefined) throw unlisted;
    return { lines: lines.length, left: this.#reader.waiting };
  }

  async #look(now: Date, stop: AbortSignal): Promise<undefined> {
    if (now.getTime() - this.#listed < LIST && this.#listed !== 0) return;
    this.#containers = await listContainers(this.#settings.cluster, stop);
    this.#listed = now.getTime();
    this.#reader.follow(this.#containers, this.#positions.taken);
  }

  /** Where the store has the lines; of pods that are gone nothing is kept. */
  #behind(lines: readonly ReadLine[]): PodPositions {
    const there = new Set(this.#containers.map(keyOf));
    const before = Object.entries(this.#positions.taken).filter(([key]) => there.has(key));
    const now = lines.flatMap(({ of, behind }) => (behind === undefined ? [] : [[keyOf(of), behind] as const]));
    return Object.fromEntries([...before, ...now]);
  }

  #entry({ of, at, text }: ReadLine, now: Date, mask: Mask): object {
    const written = at === "" ? now : new Date(at);
    const source = sourceOf(of, this.#settings.platforms);
    return fitting({ ...entryOf(text, source, written, mask), pod: of.pod, container: of.container });
  }
}

/** Whose a container is, by the labels of its pod. */
export function sourceOf({ labels, container }: PodContainer, platforms: readonly string[]): Source {
  const platform = platforms.find((each) => each === labels["app.kubernetes.io/part-of"]) ?? "";
  const name = labels["bucketworks.io/service"] ?? labels["app.kubernetes.io/name"] ?? container;
  const isOwn = platform !== "" && name.startsWith(`${platform}-`);
  return { service: isOwn ? name.slice(platform.length + 1) : name, platform };
}
