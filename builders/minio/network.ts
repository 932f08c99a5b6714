import type { V1IngressRule, V1NetworkPolicyPeer, V1NetworkPolicyPort } from "@kubernetes/client-node";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { IngressRule, Manifest, ManifestOf } from "../kubernetes/manifest.ts";
import { CLIENT_LABEL, CONSOLE_PORT, hasTls, labels, metadata, S3_PORT, selector } from "./manifest.ts";

/** Names for the pods, which find one another before they are ready. */
export function nodesService(server: MinioServer): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(server, "nodes"),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: selector(server),
      ports: [{ name: "s3", port: S3_PORT, targetPort: "s3", protocol: "TCP" }],
    },
  };
}

/** What clients use. Nothing waits for it: the server's pods are waited for themselves. */
export function clientService(server: MinioServer): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: server.service,
      namespace: server.namespace,
      labels: labels(server),
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      type: "ClusterIP",
      selector: selector(server),
      ports: [
        { name: "s3", port: S3_PORT, targetPort: "s3", protocol: "TCP" },
        { name: "console", port: CONSOLE_PORT, targetPort: "console", protocol: "TCP" },
      ],
    },
  };
}

/** Nobody in, but who is named: the servers themselves, labelled clients, who looks at console or metrics, an Ingress. */
export function networkPolicies(server: MinioServer): Manifest[] {
  const policy = (suffix: string, ingress: readonly IngressRule[]): ManifestOf<"NetworkPolicy"> => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(server, suffix),
    spec: { podSelector: { matchLabels: selector(server) }, policyTypes: ["Ingress"], ingress },
  });
  const anywhere = (matchLabels: Readonly<Record<string, string>>): V1NetworkPolicyPeer => ({
    namespaceSelector: {},
    podSelector: { matchLabels },
  });
  const on = (port: number): V1NetworkPolicyPort[] => [{ port, protocol: "TCP" }];
  return [
    policy("deny", []),
    policy("nodes", [{ from: [{ podSelector: { matchLabels: selector(server) } }], ports: on(S3_PORT) }]),
    policy("clients", [{ from: [anywhere(CLIENT_LABEL)], ports: on(S3_PORT) }]),
    policy("console", [{ from: [anywhere({ "bucketworks.io/console-client": "true" })], ports: on(CONSOLE_PORT) }]),
    policy("metrics", [{ from: [anywhere({ "bucketworks.io/metrics-client": "true" })], ports: on(S3_PORT) }]),
    ...(server.ingress === undefined ? [] : [policy("ingress", [ingressController(server.ingress)])]),
  ];
}

/** Pods of a controller are made by others and have none of our labels: they are known by their namespace. */
function ingressController({ from, consoleHost }: NonNullable<MinioServer["ingress"]>): IngressRule {
  const matchLabels = { "kubernetes.io/metadata.name": from.namespace };
  return {
    from: [{ namespaceSelector: { matchLabels } }],
    ports: [S3_PORT, ...(consoleHost === undefined ? [] : [CONSOLE_PORT])].map((port) => ({ port, protocol: "TCP" })),
  };
}

/** @returns nothing where none is asked for */
export function ingress(server: MinioServer): Manifest[] {
  const asked = server.ingress;
  if (asked === undefined) return [];
  const { host, consoleHost, className, tlsSecret } = asked;
  const rule = (name: string, port: string): V1IngressRule => ({
    host: name,
    http: {
      paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: server.service, port: { name: port } } } }],
    },
  });
  const hosts = [host, ...(consoleHost === undefined ? [] : [consoleHost])];
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        ...metadata(server),
        annotations: {
          "pulumi.com/skipAwait": "true",
          // Objects are as large as they are, and are passed on as they come.
          "nginx.ingress.kubernetes.io/proxy-body-size": "0",
          "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
          ...(hasTls(server) && { "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS" }),
        },
      },
      spec: {
        ...(className !== undefined && { ingressClassName: className }),
        ...(tlsSecret !== undefined && { tls: [{ hosts, secretName: tlsSecret }] }),
        rules: [rule(host, "s3"), ...(consoleHost === undefined ? [] : [rule(consoleHost, "console")])],
      },
    },
  ];
}
