import type { ManifestOf, Metadata } from "../../kubernetes/manifest.ts";
import { type Instance, jobOf, metadata, selector } from "./instance.ts";
import { LOGIN } from "./login.ts";
import { hostOf, type ServicePlace } from "./place.ts";
import { hasTls, portName, tlsSecretName } from "./tls.ts";

/**
 * What an operator's Prometheus is told of a service, where it reads the object store, too. None elsewhere.
 * @param login Secret with what its metrics ask for; absent where they are anybody's
 */
export function serviceMonitor(
  instance: Instance,
  place: ServicePlace,
  login?: Metadata,
): ManifestOf<"ServiceMonitor">[] {
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
            port: portName(place),
            path: "/metrics",
            ...(hasTls(place) && {
              scheme: "https",
              tlsConfig: {
                ca: { secret: { name: tlsSecretName(instance, place), key: "ca.crt" } },
                serverName: hostOf(name, place),
              },
            }),
            ...(login && {
              basicAuth: {
                username: { name: login.name, key: LOGIN.user },
                password: { name: login.name, key: LOGIN.password },
              },
            }),
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
