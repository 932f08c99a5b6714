import type { MinioServer } from "../../config/minio-server/schema.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { restrictedNamespace } from "../kubernetes/restricted-namespace.ts";
import { serviceMonitor } from "../monitoring/service-monitor.ts";
import { clusterHosts, metadata, selector } from "./manifest.ts";
import { clientService, ingress, networkPolicies, nodesService } from "./network.ts";
import { statefulSet } from "./stateful-set.ts";
import { environment, type Told } from "./variables.ts";

/**
 * Everything the server is made of but its Secret, in the order in which one needs another. All of it holds to Pod
 * Security `restricted`.
 */
export function minioManifests(server: MinioServer, told: Told = {}): Manifest[] {
  return [
    ...(server.createNamespace ? [restrictedNamespace(server.namespace)] : []),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(server), automountServiceAccountToken: false },
    nodesService(server),
    clientService(server),
    ...networkPolicies(server),
    // A lone one isn't kept from being moved.
    ...(server.servers === 1 ? [] : [disruptionBudget(metadata(server), selector(server))]),
    ...certificate(server),
    ...ingress(server),
    statefulSet(server, environment(server, told)),
    ...serviceMonitor(server),
  ];
}

/** Only where cert-manager makes it: its CRDs must be there. */
function certificate(server: MinioServer): Manifest[] {
  const { tls, ingress: asked } = server;
  if (tls.from !== "cert-manager") return [];
  return [
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: metadata(server, "tls"),
      spec: {
        secretName: `${server.name}-tls`,
        dnsNames: [...clusterHosts(server), "localhost", ...(asked === undefined ? [] : [asked.host])],
        ipAddresses: ["127.0.0.1"],
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        issuerRef: { name: tls.issuer, kind: tls.issuerKind, group: "cert-manager.io" },
      },
    },
  ];
}
