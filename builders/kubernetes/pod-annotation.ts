import type { Manifest } from "./manifest.ts";

/**
 * Pods of another value are others: Kubernetes starts them anew.
 * @param value one that is a secret, or known later, is whatever who makes the resources takes for it
 */
export function withPodAnnotation(manifest: Manifest, name: string, value: unknown): Manifest {
  const { spec } = manifest as unknown as { spec: { template: { metadata: { annotations?: object } } } };
  const { template } = spec;
  const annotations = { ...template.metadata.annotations, [name]: value };
  return { ...manifest, spec: { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } } };
}
