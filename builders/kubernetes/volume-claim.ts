import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

export interface VolumeClaim {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined is the cluster's default. */
  readonly storageClass: string | undefined;
  readonly size: string;
}

/** Template of the volume that each pod of a StatefulSet has for itself. */
export function volumeClaim({ name, labels, storageClass, size }: VolumeClaim): V1PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, labels },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: size } },
    },
  };
}
