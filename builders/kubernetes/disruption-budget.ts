import type { ManifestOf, Metadata } from "./manifest.ts";

/** One pod at a time may be taken away from those that the labels choose. */
export function disruptionBudget(
  metadata: Metadata,
  matchLabels: Record<string, string>,
): ManifestOf<"PodDisruptionBudget"> {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels } },
  };
}
