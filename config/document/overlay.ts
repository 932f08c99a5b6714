import type { Fault } from "../issues.ts";
import { knownKeysAt } from "../schema/known-keys.ts";
import { nearest } from "../values/nearest.ts";
import type { Entry, ListNode, MapNode, Node, Path, Place } from "./source-tree.ts";

const STAGE_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** The document without `environments`, and each stage's overlay. */
export interface Layers {
  readonly base: Node;
  readonly overlays: ReadonlyMap<string, MapNode>;
  readonly faults: readonly Fault[];
}

/** Takes `environments` out of a document. Overlay values are marked with their stage. */
export function splitLayers(root: Node): Layers {
  const faults: Fault[] = [];
  const overlays = new Map<string, MapNode>();
  const environments = root.kind === "map" ? root.entries.get("environments") : undefined;
  if (root.kind !== "map" || environments === undefined) return { base: root, overlays, faults };
  const base: MapNode = { ...root, entries: new Map([...root.entries].filter(([key]) => key !== "environments")) };
  const node = environments.node;
  if (node.kind !== "map") {
    if (node.kind !== "faulty")
      faults.push(shapeFault(["environments"], "environments must be a map from stage to overlay"));
    return { base, overlays, faults };
  }
  for (const [stage, entry] of node.entries) {
    const path = ["environments", stage];
    if (!STAGE_NAME.test(stage)) faults.push(stageFault(path, stage));
    else if (entry.node.kind === "map") overlays.set(stage, markMap(withoutNested(entry.node, faults), stage));
    else if (entry.node.kind !== "faulty")
      faults.push(shapeFault(path, "an overlay must be a map of the same shape as the file"));
  }
  return { base, overlays, faults };
}

/** True for a stage as the stack and `environments` name it. */
export function isStageName(name: string): boolean {
  return STAGE_NAME.test(name);
}

/**
 * Lays an overlay over a document: maps merge by key, the list `buckets` merges by `name`, every other value
 * is replaced, null removes. Removing what isn't there is a fault: it is a misspelt key or a misread cascade.
 */
export function mergeOverlay(base: Node, overlay: MapNode): { root: Node; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  return { root: base.kind === "map" ? mergeMap(base, overlay, faults) : base, faults };
}

function mergeMap(base: MapNode, overlay: MapNode, faults: Fault[]): MapNode {
  const entries = new Map(base.entries);
  const removed = new Map(base.removed);
  for (const [key, entry] of overlay.entries) {
    const below = entries.get(key);
    if (entry.node.kind === "scalar" && entry.node.value === null) {
      if (below === undefined) faults.push(removesNothing(entry.key.path, key, base));
      entries.delete(key);
      removed.set(key, entry.key);
      continue;
    }
    removed.delete(key);
    entries.set(key, {
      key: entry.key,
      node: below === undefined ? pruned(entry.node, faults) : mergeNode(key, below.node, entry.node, faults),
    });
  }
  return { ...base, entries, removed };
}

function mergeNode(key: string, base: Node, overlay: Node, faults: Fault[]): Node {
  if (base.kind === "map" && overlay.kind === "map") return mergeMap(base, overlay, faults);
  if (isBucketList(key, base) && isBucketList(key, overlay)) return mergeBuckets(base, overlay, faults);
  return pruned(overlay, faults);
}

function mergeBuckets(base: ListNode, overlay: ListNode, faults: Fault[]): ListNode {
  const items = [...base.items];
  for (const bucket of overlay.items) {
    const name = nameOf(bucket)?.name;
    const index = name === undefined ? -1 : items.findIndex((item) => nameOf(item)?.name === name);
    const below = items[index];
    if (below?.kind === "map" && bucket.kind === "map") items[index] = mergeMap(below, bucket, faults);
    else items.push(pruned(bucket, faults));
  }
  return { ...base, items };
}

/** What an overlay adds has nothing below it that null could remove. */
function pruned(node: Node, faults: Fault[]): Node {
  if (node.kind === "list") return { ...node, items: node.items.map((item) => pruned(item, faults)) };
  if (node.kind !== "map") return node;
  const empty: MapNode = { ...node, entries: new Map() };
  return mergeMap(empty, node, faults);
}

/** True for the one list that an overlay merges, by the name of each item. */
export function isBucketList(key: string, node: Node | undefined): node is ListNode {
  return key === "buckets" && node?.kind === "list";
}

/** The name of a bucket, and its path as written. */
export function nameOf(bucket: Node): { readonly name: string; readonly path: Path } | null {
  const name = bucket.kind === "map" ? bucket.entries.get("name")?.node : undefined;
  return name?.kind === "scalar" && typeof name.value === "string" ? { name: name.value, path: name.place.path } : null;
}

function withoutNested(overlay: MapNode, faults: Fault[]): MapNode {
  const nested = overlay.entries.get("environments");
  if (nested === undefined) return overlay;
  faults.push({
    ...shapeFault(nested.key.path, "environments can't stand inside an overlay"),
    onKey: true,
    fix: "move its stages up",
  });
  return { ...overlay, entries: new Map([...overlay.entries].filter(([key]) => key !== "environments")) };
}

function markMap(node: MapNode, stage: string): MapNode {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries)
    entries.set(key, { key: at(entry.key, stage), node: mark(entry.node, stage) });
  return { ...node, entries, place: at(node.place, stage) };
}

function mark(node: Node, stage: string): Node {
  if (node.kind === "map") return markMap(node, stage);
  if (node.kind === "list")
    return { ...node, items: node.items.map((item) => mark(item, stage)), place: at(node.place, stage) };
  return { ...node, place: at(node.place, stage) };
}

function at(place: Place, stage: string): Place {
  return { ...place, stage };
}

function shapeFault(path: Path, message: string): Fault {
  return { code: "overlay-shape", path, message, fix: "write environments: {dev: {bucket_groups: {...}}}" };
}

function stageFault(path: Path, stage: string): Fault {
  const message = `stage ${JSON.stringify(stage)} is not a stage name, allowed are lower-case letters, digits and dashes`;
  return { code: "stage-name", path, onKey: true, message, fix: "use the stack's name, for example dev or production" };
}

function removesNothing(path: Path, key: string, base: MapNode): Fault {
  const known = knownKeysAt(path.slice(2, -1));
  const near = nearest(key, known.length > 0 ? known : base.entries.keys());
  const fix = near === null || near === key ? "remove the line, or set a value here" : `did you mean ${near}?`;
  return {
    code: "overlay-removes-nothing",
    path,
    onKey: true,
    message: `null removes ${key}, but the file has none at this place`,
    fix,
  };
}
