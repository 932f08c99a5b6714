import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { ManifestOf } from "../kubernetes/manifest.ts";
import { caSecretName, hasTls, labels, metadata, S3_PORT } from "../minio/manifest.ts";

/** Of the whole cluster, and of each bucket. */
const PATHS = ["/minio/v2/metrics/cluster", "/minio/v2/metrics/bucket"];

/** What Prometheus's operator is told of the server: its CRDs must be there. None where nobody asks for it. */
export function serviceMonitor(server: MinioServer): ManifestOf<"ServiceMonitor">[] {
  if (!server.monitoring) return [];
  const { service, namespace } = server;
  const ofServer = {
    targetPort: S3_PORT,
    authorization: { type: "Bearer", credentials: { name: metricsSecret(server), key: "token" } },
    // Two Services lead to the same pods: one of them is enough.
    relabelings: [{ action: "keep", sourceLabels: ["__meta_kubernetes_service_name"], regex: service }],
    ...(hasTls(server)
      ? {
          scheme: "https",
          tlsConfig: {
            ca: { secret: { name: caSecretName(server), key: "ca.crt" } },
            serverName: `${service}.${namespace}.svc`,
          },
        }
      : { scheme: "http" }),
  };
  return [
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { ...metadata(server), labels: { ...labels(server), ...server.monitoringLabels } },
      spec: { selector: { matchLabels: labels(server) }, endpoints: PATHS.map((path) => ({ path, ...ofServer })) },
    },
  ];
}

/** Name of the Secret with Prometheus's token. */
export function metricsSecret({ name }: MinioServer): string {
  return `${name}-metrics`;
}
