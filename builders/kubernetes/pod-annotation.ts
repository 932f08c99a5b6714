import type { ManifestOf } from "./manifest.ts";

/** With another value Kubernetes replaces the pods. */
export function withPodAnnotation<Of extends ManifestOf<"Deployment" | "Job" | "StatefulSet">>(
  manifest: Of,
  name: string,
  value: string,
): Of {
  const { template } = manifest.spec;
  const annotations = { ...template.metadata?.annotations, [name]: value };
  const marked = { ...template, metadata: { ...template.metadata, annotations } };
  return { ...manifest, spec: { ...manifest.spec, template: marked } };
}
