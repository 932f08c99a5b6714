import type { V1PodTemplateSpec } from "@kubernetes/client-node";
import { disruptionBudget } from "../../kubernetes/disruption-budget.ts";
import { drained } from "../../kubernetes/drained.ts";
import type { Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { type Instance, metadata, selector } from "./instance.ts";
import type { ServicePlace } from "./place.ts";

/** Share of the processor asked for at which another replica is added, in percent. */
const BUSY_PERCENT = 75;

/** How many pods, and what is made beside them. */
export interface Replicas {
  readonly min: number;
  readonly max: number;
  /** The update waits for them; not where they wait for somebody else. */
  readonly awaited: boolean;
  /** Argo Rollouts runs the pods: the Deployment says what one is, and no number of them is its own. */
  readonly rolledOut?: boolean;
}

/** Pods that keep nothing, so many as are needed: one is ready before another is taken away. */
export function replicas(
  instance: Instance,
  template: V1PodTemplateSpec,
  { min, max, awaited, rolledOut = false }: Replicas,
  place: ServicePlace,
): Manifest[] {
  const about = metadata(instance, place);
  const grows = max > min;
  const labelSelector = { matchLabels: selector(instance) };
  const spread = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
  }));
  const spec = template.spec && {
    ...drained(template.spec),
    ...(max > 1 && { topologySpreadConstraints: spread }),
  };
  const deployment: ManifestOf<"Deployment"> = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...about, ...(!awaited && { annotations: { "pulumi.com/skipAwait": "true" } }) },
    spec: {
      // With an autoscaler the number is its own.
      ...(!grows && !rolledOut && { replicas: min }),
      selector: labelSelector,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { ...template, ...(spec && { spec }) },
    },
  };
  return [
    deployment,
    ...(grows ? [autoscaler(instance, { min, max }, place)] : []),
    ...(max > 1 ? [disruptionBudget(about, selector(instance))] : []),
  ];
}

/** Needs the cluster's metrics API. */
function autoscaler(
  instance: Instance,
  { min, max }: { readonly min: number; readonly max: number },
  place: ServicePlace,
): ManifestOf<"HorizontalPodAutoscaler"> {
  const target = { type: "Utilization", averageUtilization: BUSY_PERCENT };
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadata(instance, place),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: instance.name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
    },
  };
}
