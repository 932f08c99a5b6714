import { type Node, nodeAt, type Path, PathSet } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shapeFaults } from "../schema/faults.ts";
import { type PlatformSpec, platformSpec } from "../schema/platform.ts";

/** A typed spec with every part left out that has a fault of its own, so that the rules can judge the rest. */
export interface ValidPart {
  /** Null where nothing is left to judge. */
  readonly spec: PlatformSpec | null;
  readonly faults: readonly Fault[];
  /** Paths left out; an absent value below one of them is unknown, not absent. */
  readonly left: PathSet;
  /** A path of `spec` as a path of the tree: list items left out shift the ones behind them. */
  readonly original: (path: Path) => Path;
}

const MOST_ROUNDS = 6;

/** Judges the shape of a merged document. */
export function validPart(root: Node): ValidPart {
  const left = new PathSet();
  let faults: Fault[] | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const kept = new Map<string, number[]>();
    const original = (path: Path): Path => originalPath(path, kept);
    const parsed = platformSpec.safeParse(plainValue(root, [], left, kept));
    if (parsed.success) return { spec: parsed.data, faults: faults ?? [], left, original };
    const first = faults === null;
    const found: Fault[] = [];
    for (const issue of parsed.error.issues) {
      const path = original(issue.path.map((step) => (typeof step === "number" ? step : String(step))));
      if (first) found.push(...shapeFaults(issue, path, root));
      const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      for (const each of paths) left.add(whatToLeave(root, each, left));
    }
    faults ??= found;
  }
  return { spec: null, faults: faults ?? [], left, original: (path) => path };
}

/** A faulty value goes alone; where it is missing, or gone already, its object goes; a lifecycle rule and a grant go as a whole. */
function whatToLeave(root: Node, path: Path, left: PathSet): Path {
  if ((path[4] === "lifecycle" || path[4] === "replication") && path.length > 6) return path.slice(0, 6);
  if (path[3] === "grants" && path.length > 5) return path.slice(0, 5);
  const node = nodeAt(root, path);
  const gone = node === undefined || node.kind === "faulty" || left.has(path);
  return gone && path.length > 0 ? whatToLeave(root, path.slice(0, -1), left) : path;
}

function plainValue(node: Node, path: Path, left: PathSet, kept: Map<string, number[]>): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") {
    const indices = [...node.items.keys()].filter((index) => !isLeft(node.items[index], [...path, index], left));
    if (indices.length < node.items.length) kept.set(JSON.stringify(path.map(String)), indices);
    return indices.map((index) => plainItem(node.items[index], [...path, index], left, kept));
  }
  if (node.kind === "faulty") return undefined;
  const value: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) {
    if (!isLeft(entry.node, [...path, key], left)) value[key] = plainValue(entry.node, [...path, key], left, kept);
  }
  return value;
}

function plainItem(node: Node | undefined, path: Path, left: PathSet, kept: Map<string, number[]>): unknown {
  return node === undefined ? undefined : plainValue(node, path, left, kept);
}

function isLeft(node: Node | undefined, path: Path, left: PathSet): boolean {
  if (left.has(path)) return true;
  if (node?.kind !== "faulty") return false;
  left.add(path);
  return true;
}

function originalPath(path: Path, kept: ReadonlyMap<string, readonly number[]>): Path {
  if (kept.size === 0) return path;
  const result: (string | number)[] = [];
  for (const step of path) {
    const indices = kept.get(JSON.stringify(result.map(String)));
    result.push(typeof step === "number" && indices !== undefined ? (indices[step] ?? step) : step);
  }
  return result;
}
