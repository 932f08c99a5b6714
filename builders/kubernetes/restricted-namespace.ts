import type { Manifest } from "./manifest.ts";

/** A namespace that refuses pods which Pod Security `restricted` refuses. */
export function restrictedNamespace(name: string): Manifest {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}
