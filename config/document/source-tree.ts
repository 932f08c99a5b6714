/** A parsed file as a plain tree in which every value knows where it was written. */

/** Map keys and list indices from the root. */
export type Path = readonly (string | number)[];

export type Scalar = string | number | boolean | null;

/** Where a key or value was written. */
export interface Place {
  /** UTF-16 offset in the file. */
  readonly offset: number;
  /** Path in the file as written; inside an overlay it begins with `environments.<stage>`. */
  readonly path: Path;
  /** The stage whose overlay holds it; null in the base document. */
  readonly stage: string | null;
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly place: Place;
  /** A number or boolean as it was written (`1.0`), for messages. */
  readonly source?: string;
  /** The variables the value came from, for messages. */
  readonly variables?: readonly string[];
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly place: Place;
}

export interface Entry {
  readonly key: Place;
  readonly node: Node;
}

export interface MapNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  /** Keys an overlay removed, and where it says so. */
  readonly removed: ReadonlyMap<string, Place>;
  readonly place: Place;
}

/** A value with a fault already reported; it counts as absent from here on. */
export interface FaultyNode {
  readonly kind: "faulty";
  readonly place: Place;
}

export type Node = ScalarNode | ListNode | MapNode | FaultyNode;

/** The node at a path, or undefined. */
export function nodeAt(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    if (node?.kind === "map") node = node.entries.get(String(step))?.node;
    else if (node?.kind === "list") node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

/**
 * Where a path was written. An absent path answers the overlay line that removed it, else its nearest
 * ancestor (a map entry by its key), with the missing steps appended to the path.
 */
export function placeOf(root: Node, path: Path, onKey = false): Place {
  let node: Node = root;
  let place = root.place;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const rest = path.slice(index);
    if (node.kind === "map") {
      const entry: Entry | undefined = node.entries.get(String(step));
      if (entry === undefined) {
        const removed = node.removed.get(String(step));
        return removed ?? { ...place, path: [...place.path, ...rest] };
      }
      place = last && !onKey ? entry.node.place : entry.key;
      node = entry.node;
    } else if (node.kind === "list") {
      const item: Node | undefined = node.items[Number(step)];
      if (item === undefined) return { ...place, path: [...place.path, ...rest] };
      place = item.place;
      node = item;
    } else {
      return { ...place, path: [...place.path, ...rest] };
    }
  }
  return place;
}

/** `bucket_groups.raw.buckets[0].tags["a b"]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Paths of one tree. A question costs as much as the path is long, however many there are. */
export class PathSet {
  private readonly byKey = new Map<string, Path>();

  add(path: Path): void {
    this.byKey.set(keyOf(path), path);
  }

  has(path: Path): boolean {
    return this.byKey.size > 0 && this.byKey.has(keyOf(path));
  }

  /** True for a path of the set, and for one below it. */
  covers(path: Path): boolean {
    for (let length = path.length; length >= 0; length--) if (this.has(path.slice(0, length))) return true;
    return false;
  }

  some(test: (path: Path) => boolean): boolean {
    return [...this.byKey.values()].some(test);
  }
}

/** No key of a file holds U+0000. */
function keyOf(path: Path): string {
  return path.map((step) => `\0${step}`).join("");
}
