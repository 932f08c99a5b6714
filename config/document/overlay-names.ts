import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { isNameSlip } from "../values/nearest.ts";
import { isBucketList, nameOf } from "./overlay.ts";
import type { ListNode, MapNode, Node, Path } from "./source-tree.ts";

/** Maps whose keys are names that a writer chooses, by what one of them is; `*` is any key. */
const NAMED: readonly (readonly [at: string, what: string])[] = [
  ["bucket_groups", "group"],
  ["access.policies", "policy"],
  ["access.groups", "group"],
  ["access.users", "user"],
  ["access.service_accounts", "service account"],
  ["database.roles", "database role"],
  ["workloads", "workload"],
];

/**
 * Names in an overlay that can't be meant: one that stands twice in a list of buckets, of which the last would win, and
 * a new one that is a slip away from one of the file, which would be added beside it.
 */
export function overlayNameFaults(base: Node, overlay: MapNode): Fault[] {
  return mapFaults(base, overlay, []);
}

function mapFaults(base: Node | undefined, overlay: MapNode, path: Path): Fault[] {
  const what = NAMED.find(([at]) => at === path.join("."))?.[1];
  const known = base?.kind === "map" ? [...base.entries.keys()] : [];
  return [...overlay.entries].flatMap(([key, { key: place, node }]) => {
    const below = base?.kind === "map" ? base.entries.get(key)?.node : undefined;
    const isRemoved = node.kind === "scalar" && node.value === null;
    if (what !== undefined && below === undefined && !isRemoved) return slipFaults(what, key, known, place.path, true);
    if (node.kind === "map") return mapFaults(below, node, [...path, key]);
    return isBucketList(key, node) ? bucketFaults(isBucketList(key, below) ? below : undefined, node) : [];
  });
}

function bucketFaults(base: ListNode | undefined, overlay: ListNode): Fault[] {
  const known = (base?.items ?? []).flatMap((item) => nameOf(item)?.name ?? []);
  const seen = new Set<string>();
  return overlay.items.flatMap((item) => {
    const found = nameOf(item);
    if (found === null) return [];
    const { name, path } = found;
    if (seen.has(name)) {
      const message = `bucket ${shownText(name)} stands twice in this overlay`;
      return [{ code: "duplicate-bucket" as const, path, message, fix: "write its settings in one of the two" }];
    }
    seen.add(name);
    return known.includes(name) ? [] : slipFaults("bucket", name, known, path, false);
  });
}

function slipFaults(what: string, name: string, known: readonly string[], path: Path, onKey: boolean): Fault[] {
  const meant = known.find((each) => isNameSlip(name, each));
  if (meant === undefined) return [];
  const message = `${what} ${shownText(name)} would be added beside ${shownText(meant)} of the file`;
  return [{ code: "overlay-slip", path, onKey, message, fix: `did you mean ${meant}?` }];
}
