import type { Manifest } from "./base-objects.ts";

/** A pod of one container that Pod Security `restricted` lets in. */
export interface PodOptions {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** A claim by its name, mounted at /data. */
  readonly claim?: string;
}

/** The pod's manifest: user 1000 and group 2000, never started again. */
export function restrictedPod({ name, image, command, claim }: PodOptions): Manifest {
  const volume = claim !== undefined;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 2000,
        fsGroup: 2000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "main",
          image,
          command,
          imagePullPolicy: "IfNotPresent",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: volume ? [{ name: "data", mountPath: "/data" }] : [],
        },
      ],
      volumes: volume ? [{ name: "data", persistentVolumeClaim: { claimName: claim } }] : [],
    },
  };
}

/** A claim on a volume of the default storage class. */
export function volumeClaim(name: string, size: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } } },
  };
}
