import type {
  V1ConfigMap,
  V1CronJob,
  V1Deployment,
  V1Ingress,
  V1Job,
  V1Namespace,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyPeer,
  V1NetworkPolicySpec,
  V1ObjectMeta,
  V1PodDisruptionBudget,
  V1PolicyRule,
  V1RoleRef,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";

/** What an object says of itself before it is made. */
export type Metadata = Pick<V1ObjectMeta, "namespace" | "labels" | "annotations"> & { readonly name: string };

/** One kind of object; what only the cluster writes is left out. */
type Kind<Version extends string, Name extends string, Of extends object> = Required<
  Pick<Of, Extract<keyof Of, "spec" | "data">>
> &
  Omit<Of, "apiVersion" | "kind" | "metadata" | "spec" | "data" | "status"> & {
    readonly apiVersion: Version;
    readonly kind: Name;
    readonly metadata: Metadata;
  };

/** Who comes in to some pods. The official client names `from` otherwise, since it is a word of its Python sibling. */
export type IngressRule = Omit<V1NetworkPolicyIngressRule, "_from"> & { readonly from?: V1NetworkPolicyPeer[] };

interface NetworkPolicy {
  readonly spec: Omit<V1NetworkPolicySpec, "ingress"> & { readonly ingress: readonly IngressRule[] };
}

/** Kinds of operators, whose types are theirs. */
interface Custom {
  readonly spec: object;
}

interface Role {
  readonly rules: readonly V1PolicyRule[];
}

interface RoleBinding {
  readonly roleRef: V1RoleRef;
  readonly subjects: readonly { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string }[];
}

/** A Kubernetes object before it is made. */
export type Manifest =
  | Kind<"v1", "ConfigMap", V1ConfigMap>
  | Kind<"batch/v1", "CronJob", V1CronJob>
  | Kind<"apps/v1", "Deployment", V1Deployment>
  | Kind<"autoscaling/v2", "HorizontalPodAutoscaler", V2HorizontalPodAutoscaler>
  | Kind<"networking.k8s.io/v1", "Ingress", V1Ingress>
  | Kind<"batch/v1", "Job", V1Job>
  | Kind<"v1", "Namespace", Omit<V1Namespace, "spec">>
  | Kind<"networking.k8s.io/v1", "NetworkPolicy", NetworkPolicy>
  | Kind<"policy/v1", "PodDisruptionBudget", V1PodDisruptionBudget>
  | Kind<"rbac.authorization.k8s.io/v1", "Role", Role>
  | Kind<"rbac.authorization.k8s.io/v1", "RoleBinding", RoleBinding>
  | Kind<"v1", "Service", V1Service>
  | Kind<"v1", "ServiceAccount", V1ServiceAccount>
  | Kind<"apps/v1", "StatefulSet", V1StatefulSet>
  | Kind<"argoproj.io/v1alpha1", "AnalysisTemplate", Custom>
  | Kind<"argoproj.io/v1alpha1", "Rollout", Custom>
  | Kind<"cert-manager.io/v1", "Certificate", Custom>
  | Kind<"barmancloud.cnpg.io/v1", "ObjectStore", Custom>
  | Kind<"monitoring.coreos.com/v1", "PodMonitor", Custom>
  | Kind<"monitoring.coreos.com/v1", "PrometheusRule", Custom>
  | Kind<"monitoring.coreos.com/v1", "ServiceMonitor", Custom>
  | Kind<"postgresql.cnpg.io/v1", "Cluster", Custom>
  | Kind<"postgresql.cnpg.io/v1", "ScheduledBackup", Custom>;

export type ManifestOf<Name extends Manifest["kind"]> = Extract<Manifest, { readonly kind: Name }>;

/** Those of one kind, and the others. */
export function parted<Name extends Manifest["kind"]>(
  manifests: readonly Manifest[],
  kind: Name,
): [ManifestOf<Name>[], Manifest[]] {
  const isOf = (each: Manifest): each is ManifestOf<Name> => each.kind === kind;
  return [manifests.filter(isOf), manifests.filter((each) => !isOf(each))];
}
