/** Kinds whose pods rules judge. */
export const WORKLOAD_KINDS = [
  "CronJob",
  "DaemonSet",
  "Deployment",
  "Job",
  "Pod",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
] as const;

export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];
export type KubernetesKind = WorkloadKind | "Service" | "Namespace";

/** Something of one container, whatever its part: main, init or sidecar. */
type OfContainer<T> = T & { readonly container: string };

/** What a container may do; its own security context before that of its pod. */
export interface Security {
  readonly runAsNonRoot: boolean | undefined;
  readonly runAsUser: number | undefined;
  readonly privileged: boolean | undefined;
  readonly allowPrivilegeEscalation: boolean | undefined;
  readonly readOnlyRootFilesystem: boolean | undefined;
  /** Capabilities, without CAP_. */
  readonly drop: readonly string[];
  readonly add: readonly string[];
  /** Type of the seccomp profile. */
  readonly seccomp: string | undefined;
}

/** Whatever runs pods: what its pods are made of. */
export interface WorkloadFacts {
  /** `namespace/name`. */
  readonly place: string;
  readonly images: readonly OfContainer<{ readonly image: string }>[];
  readonly resources: readonly OfContainer<{
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  }>[];
  readonly security: readonly OfContainer<Security>[];
  /** What its pods share with their node. */
  readonly host: {
    /** `hostNetwork`, `hostPID`, `hostIPC`. */
    readonly namespaces: readonly string[];
    /** Of hostPath volumes. */
    readonly paths: readonly string[];
    readonly ports: readonly OfContainer<{ readonly port: number }>[];
  };
  /** Of containers that run as long as their pod does; none where pods come to an end by themselves. */
  readonly probes: readonly OfContainer<{ readonly readiness: boolean; readonly liveness: boolean }>[];
  /** Whether its pods come to an end, and after how many seconds at the latest. */
  readonly end: { readonly expected: boolean; readonly deadline: number | undefined };
  /** Variables whose value stands in the object; those that come by reference aren't here. */
  readonly literals: readonly OfContainer<{ readonly variable: string; readonly value: string }>[];
  /** Whether pods get a key to the API server. */
  readonly token: { readonly automount: boolean | undefined; readonly projected: boolean };
  /** Of a StatefulSet: its claims, and what becomes of them with it. */
  readonly claims: {
    readonly templates: number;
    readonly whenDeleted: string | undefined;
    readonly whenScaled: string | undefined;
  };
}

export interface ServiceFacts {
  /** `namespace/name`. */
  readonly place: string;
  /** ClusterIP where none is said. */
  readonly type: string;
  readonly externalIPs: readonly string[];
}

export interface NamespaceFacts {
  readonly labels: Readonly<Record<string, string>>;
}
