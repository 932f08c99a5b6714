import type { ManifestOf } from "./manifest.ts";

/** A namespace that refuses pods which Pod Security `restricted` refuses. */
export function restrictedNamespace(name: string): ManifestOf<"Namespace"> {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}
