import { defaults } from "../defaults.ts";
import type { SpecDocument } from "../document/load.ts";
import { type Node, nodeAt, type Path, placeOf } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { type Cascading, cascaded } from "../resolve/cascade.ts";
import type { ValidPart } from "../resolve/partial.ts";
import type { BucketSpec, GroupSpec, NotificationSpec, RuleSpec } from "../schema/bucket.ts";
import type { PlatformSpec } from "../schema/platform.ts";
import type { ReplicationRuleSpec } from "../schema/replication.ts";
import { shownPath } from "../schema/shown-path.ts";

/** A bucket as the rules see it: its own values, its group's, and where they stand. */
export interface BucketView {
  readonly bucket: BucketSpec;
  readonly group: GroupSpec;
  /** Paths in the merged document. */
  readonly path: Path;
  readonly groupPath: Path;
  readonly rules: readonly { readonly rule: RuleSpec; readonly path: Path }[];
  readonly notifications: readonly { readonly rule: NotificationSpec; readonly path: Path }[];
  readonly replication: readonly { readonly rule: ReplicationRuleSpec; readonly path: Path }[];
  readonly versioning: boolean;
  /** Path of the value that wins; where there is none, the two places it could stand. */
  readonly where: (key: Cascading) => readonly Path[];
  /** False where a value of this key has a fault of its own, so that its absence means nothing. */
  readonly isKnown: (key: Cascading) => boolean;
}

/** One document as a stage sees it (stage null: the base document). */
export interface View {
  readonly document: SpecDocument;
  readonly stage: string | null;
  readonly root: Node;
  readonly spec: PlatformSpec;
  readonly buckets: readonly BucketView[];
  /** False where a bucket was left out because of a fault of its own. */
  readonly hasAllBuckets: boolean;
  /** False where the value has a fault of its own, so that its absence means nothing. */
  readonly isKnown: (path: Path) => boolean;
  /** A path of `spec` as a path of the merged document: list items left out shift the ones behind them. */
  readonly original: (path: Path) => Path;
}

/** Prepares a merged document for the rules. */
export function viewOf(document: SpecDocument, stage: string | null, root: Node, part: ValidPart): View {
  const spec = part.spec ?? {};
  const buckets: BucketView[] = [];
  for (const [key, group] of Object.entries(spec.bucket_groups ?? {})) {
    for (const [index, bucket] of group.buckets.entries()) {
      buckets.push(bucketView(part, ["bucket_groups", key], ["bucket_groups", key, "buckets", index], bucket, group));
    }
  }
  const hasAllBuckets =
    !part.left.some((path) => path.length <= 4 && path[0] === "bucket_groups") && part.spec !== null;
  const isKnown = (path: Path): boolean => !part.left.covers(path);
  return { document, stage, root, spec, buckets, hasAllBuckets, isKnown, original: part.original };
}

function bucketView(part: ValidPart, groupPath: Path, inPart: Path, bucket: BucketSpec, group: GroupSpec): BucketView {
  const path = part.original(inPart);
  const items = <T>(key: string, all: readonly T[] = []): { readonly rule: T; readonly path: Path }[] =>
    all.map((rule, index) => ({ rule, path: part.original([...inPart, key, index]) }));
  return {
    bucket,
    group,
    path,
    groupPath,
    rules: items("lifecycle", bucket.lifecycle),
    notifications: items("notifications", bucket.notifications),
    replication: items("replication", bucket.replication),
    versioning: cascaded("versioning", bucket, group) ?? defaults.versioning,
    where: (key) => {
      if (bucket[key] !== undefined) return [[...path, key]];
      return group[key] !== undefined
        ? [[...groupPath, key]]
        : [
            [...path, key],
            [...groupPath, key],
          ];
    },
    isKnown: (key) => !part.left.covers([...path, key]) && !part.left.covers([...groupPath, key]),
  };
}

/**
 * Places a fault. Where a stage's overlay gave the value, or a value involved, the issue points there;
 * anything else is the base document's own fault.
 */
export function placeFault(fault: Fault, document: SpecDocument, stage: string | null, root: Node): SpecIssue {
  const own = placeOf(root, fault.path, fault.onKey);
  const others = (fault.involved ?? []).map((path) => placeOf(root, path));
  const place = stage === null ? own : ([own, ...others].find((each) => each.stage !== null) ?? own);
  const { line, col } = document.lines.linePos(place.offset);
  const { code, fix } = fault;
  const message = `${fault.message}${fault.onKey === true ? "" : cameFrom(root, fault)}`;
  return { code, file: document.file, line, column: col, path: shownPath(place.path), message, fix, stage };
}

/** A value of the environment stands in no file: who reads its place there has to hear where it came from. */
function cameFrom(root: Node, { path, message }: Fault): string {
  const node = nodeAt(root, path);
  const names = node?.kind === "scalar" ? (node.variables ?? []) : [];
  const from = ` (from ${names.join(", ")})`;
  return names.length === 0 || message.includes(from) ? "" : from;
}

/** Where something is written, for messages that name two places. */
export interface Written {
  readonly view: View;
  readonly path: Path;
  readonly onKey?: boolean;
}

/** `stands at PLACE already`; an alias repeats what stands at one place. */
export function standsAlready(before: Written, now: Written): string {
  const [other, here] = [before, now].map(({ view, path, onKey }) => placeName(view, path, onKey));
  return other === here ? "comes a second time from an alias of what stands here" : `stands at ${other} already`;
}

/** `file:line:column` of a path, for messages that name a second place. */
export function placeName(view: View, path: Path, onKey = false): string {
  const { line, col } = view.document.lines.linePos(placeOf(view.root, path, onKey).offset);
  return `${view.document.file}:${line}:${col}`;
}
