import type { BucketContents } from "../../review/removal-changes.ts";
import type { Removal } from "../../review/removals.ts";

/**
 * Why a rollback isn't begun: buckets that it would delete, and that hold something or may. An update refuses each of them,
 * too, but only when it comes to it, after others have changed.
 */
export function removalRefusals(removals: readonly Removal[], contents: BucketContents): string[] {
  return removals.flatMap(({ bucket, onDelete, protect, preview }) => {
    if (preview === "leaves") return [];
    if (protect) return [`bucket ${bucket} is protected; it would leave the stack: see pulumi state unprotect`];
    if (onDelete === "retain" && preview !== "replaces") return [];
    const content = contents.get(bucket);
    if (content?.kind === "absent") return [];
    if (content?.kind === "held" && content.isEmpty) return [];
    const what =
      content?.kind === "held"
        ? `holds ${content.complete ? "" : "at least "}${content.holdings}`
        : "could not be counted";
    return [
      `bucket ${bucket} would be deleted (on_delete: ${onDelete ?? "unknown"}) and ${what}; empty it first (bucketworks purge has the two keys), or have it retained (on_delete: retain in its spec, and an up)`,
    ];
  });
}
