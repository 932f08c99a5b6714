import type { ManifestOf } from "../../kubernetes/manifest.ts";
import { type Instance, jobOf, metadata, selector } from "./instance.ts";
import type { ServicePlace } from "./place.ts";

/** What an operator's Prometheus is told of a service, where it reads the object store, too. None elsewhere. */
export function serviceMonitor(instance: Instance, place: ServicePlace): ManifestOf<"ServiceMonitor">[] {
  const { server } = place;
  if (!server.monitoring) return [];
  const about = metadata(instance, place);
  const { name, platform } = instance;
  const named = { job: jobOf(instance), ...(platform !== null && { platform }) };
  return [
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { ...about, labels: { ...about.labels, ...server.monitoringLabels } },
      spec: {
        selector: { matchLabels: selector(instance) },
        endpoints: [
          {
            port: "http",
            path: "/metrics",
            relabelings: [
              // Two Services lead to the same pods: one of them is enough.
              { action: "keep", sourceLabels: ["__meta_kubernetes_service_name"], regex: `${name}-pods` },
              ...Object.entries(named).map(([targetLabel, replacement]) => ({ targetLabel, replacement })),
            ],
          },
        ],
      },
    },
  ];
}
