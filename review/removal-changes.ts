import type { Change } from "./change.ts";
import { joined, type Markdown, md } from "./markdown.ts";
import type { Removal } from "./removals.ts";

/** What a bucket that leaves the stack holds on the live server. */
export type BucketContent =
  /** `holdings` in words: `2 objects, 1 older version, 0 delete markers, 3.4 MiB`; not complete is at least that. */
  | { readonly kind: "held"; readonly holdings: string; readonly complete: boolean; readonly isEmpty: boolean }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: string };

/** By bucket. */
export type BucketContents = ReadonlyMap<string, BucketContent>;

const NOT_ASKED: BucketContent = { kind: "unknown", reason: "the server was not asked" };

/** What happens to each bucket that leaves, and to the data in it. */
export function removalChanges(removals: readonly Removal[], contents: BucketContents): Change[] {
  return removals.map((removal) => ({
    risk: releases(removal) ? "released" : "removed",
    subject: { kind: "bucket", names: [removal.bucket], platform: removal.platform },
    text: joined([fate(removal), at(contents.get(removal.bucket) ?? NOT_ASKED), ...asides(removal)], "; "),
    settings: [""],
  }));
}

function releases({ onDelete, preview }: Removal): boolean {
  return onDelete === "retain" && preview !== "replaces";
}

function fate({ onDelete, preview }: Removal): Markdown {
  if (preview === "replaces") return md`would be deleted and created again`;
  switch (onDelete) {
    case "retain":
      return md`${"on_delete: retain"}: the bucket and its data stay on the server, and nothing manages them any more`;
    case "delete_if_empty":
      return md`${"on_delete: delete_if_empty"}: the bucket is deleted; while it holds any object or version the update is refused`;
    case "purge":
      return md`${"on_delete: purge"}: the bucket is deleted once ${"bucketworks purge"} has deleted its data; until then the update is refused`;
    case null:
      return md`would be deleted; what its ${"on_delete"} says isn't known`;
  }
}

function at(content: BucketContent): Markdown {
  switch (content.kind) {
    case "held":
      return md`it holds ${content.complete ? md`` : md`at least `}${content.holdings}`;
    case "absent":
      return md`the server has no such bucket`;
    case "unknown":
      return md`what it holds could not be counted: ${content.reason}`;
  }
}

function asides({ protect, preview, inBase }: Removal): Markdown[] {
  return [
    ...(protect ? [md`it is protected: the engine refuses until ${"pulumi state unprotect"}`] : []),
    ...(preview === "leaves" ? [md`the preview doesn't delete it: the stack doesn't have it`] : []),
    ...(inBase ? [] : [md`the specs of the base don't have it either: an earlier change that isn't deployed yet`]),
  ];
}
