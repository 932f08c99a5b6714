import { serverNames } from "../rules/server-names.ts";
import type { View } from "../view.ts";
import { formatPath, type Path, placeOf } from "./source-tree.ts";

/** Where a spec names something that the server will know. */
export interface SpecPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Dotted place in the file. */
  readonly path: string;
}

/** @param kind `bucket`, `policy`, `group`, `user`, `service account` or `workload` */
export function findPlace(views: readonly View[], kind: string, name: string): SpecPlace | undefined {
  for (const view of views) {
    const found = names(view).find((each) => each.kind === kind && each.name === name);
    if (found === undefined) continue;
    const place = placeOf(view.root, found.path, found.onKey);
    const { line, col } = view.document.lines.linePos(place.offset);
    return { file: view.document.file, line, column: col, path: formatPath(place.path) };
  }
  return undefined;
}

function names(view: View): { kind: string; name: string; path: Path; onKey: boolean }[] {
  const buckets = view.buckets.map(({ bucket, path }) => ({
    kind: "bucket",
    name: bucket.name,
    path: [...path, "name"],
    onKey: false,
  }));
  const workloads = Object.keys(view.spec.workloads ?? {}).map((name) => ({
    kind: "workload",
    name,
    path: ["workloads", name],
    onKey: true,
  }));
  return [...buckets, ...serverNames(view), ...workloads];
}
