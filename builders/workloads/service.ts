import type { V1Container } from "@kubernetes/client-node";
import type { Workload, WorkloadRun } from "../../config/model.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { drained } from "../kubernetes/drained.ts";
import type { ManifestOf, Metadata } from "../kubernetes/manifest.ts";
import { podTemplate } from "./pod.ts";
import { metadata, selector, type WorkloadPlace } from "./workload-metadata.ts";

export type ServiceManifest = ManifestOf<"Service" | "Deployment" | "HorizontalPodAutoscaler" | "PodDisruptionBudget">;

/** Share of the processor asked for at which another replica is added, in percent. */
const BUSY_PERCENT = 75;

/** A program that always runs: its Deployment, a Service of its name, and what keeps enough of it running. */
export function service(
  workload: Workload,
  { port, health, replicas }: Extract<WorkloadRun, { kind: "service" }>,
  place: WorkloadPlace,
): ServiceManifest[] {
  const { name } = workload;
  const about = metadata(name, place);
  const matchLabels = selector(name);
  const grows = replicas.max > replicas.min;
  const probe = { httpGet: { path: health, port: "http" } };
  const container: Partial<V1Container> = {
    ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
    startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...probe, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...probe, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
  };
  const template = podTemplate(workload, place, { restartPolicy: "Always", container });
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...about, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { type: "ClusterIP", selector: matchLabels, ports: [{ name: "http", port, targetPort: "http" }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: about,
      spec: {
        // With an autoscaler the number is its own.
        ...(!grows && { replicas: replicas.min }),
        selector: { matchLabels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: { ...template, ...(template.spec && { spec: drained(template.spec) }) },
      },
    },
    ...(grows ? [autoscaler(workload, replicas, about)] : []),
    ...(replicas.min > 1 ? [disruptionBudget(about, matchLabels)] : []),
  ];
}

/** Needs the cluster's metrics API. */
function autoscaler(
  { name }: Workload,
  { min, max }: { min: number; max: number },
  about: Metadata,
): ManifestOf<"HorizontalPodAutoscaler"> {
  const target = { type: "Utilization", averageUtilization: BUSY_PERCENT };
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: about,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
    },
  };
}
