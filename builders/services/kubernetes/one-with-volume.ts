import type { V1PodTemplateSpec } from "@kubernetes/client-node";
import type { ManifestOf } from "../../kubernetes/manifest.ts";
import { volumeClaim } from "../../kubernetes/volume-claim.ts";
import { type Instance, metadata, selector } from "./instance.ts";
import type { ServicePlace } from "./place.ts";

const GIB = 1024 ** 3;

/** Room for what a program keeps, and for what it writes before it throws the oldest away. */
export function sizeFor(maxBytes: number): string {
  return `${Math.ceil((maxBytes * 1.25) / GIB + 1)}Gi`;
}

/** One pod and its volume, which stays when the service is removed. */
export function oneWithVolume(
  instance: Instance,
  { template, size }: { readonly template: V1PodTemplateSpec; readonly size: string },
  place: ServicePlace,
): ManifestOf<"StatefulSet"> {
  const { storageClass } = place.settings;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadata(instance, place),
    spec: {
      replicas: 1,
      serviceName: `${instance.name}-pods`,
      // In order, a pod that never was ready would keep a fixed one from taking its place.
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      selector: { matchLabels: selector(instance) },
      template,
      volumeClaimTemplates: [volumeClaim({ name: "data", labels: selector(instance), storageClass, size })],
    },
  };
}
