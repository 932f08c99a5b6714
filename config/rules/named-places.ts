import { formatPath, type Path, placeOf } from "../document/source-tree.ts";
import { serverNames } from "./server-names.ts";
import type { View } from "./stage-view.ts";

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

/** Finds where a `bucket`, `policy`, `group`, `user`, `service account` or `workload` is named first. */
export type FindPlace = (kind: string, name: string) => SpecPlace | undefined;

/** The views are gone through once, when the first place is looked for. */
export function placesIn(views: readonly View[]): FindPlace {
  let places: ReadonlyMap<string, () => SpecPlace> | undefined;
  return (kind, name) => {
    places ??= new Map(views.flatMap(placesOf).reverse());
    return places.get(`${kind} ${name}`)?.();
  };
}

function placesOf(view: View): [string, () => SpecPlace][] {
  return names(view).map(({ kind, name, path, onKey }) => [
    `${kind} ${name}`,
    () => {
      const place = placeOf(view.root, path, onKey);
      const { line, col } = view.document.lines.linePos(place.offset);
      return { file: view.document.file, line, column: col, path: formatPath(place.path) };
    },
  ]);
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
