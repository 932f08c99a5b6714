import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { Metadata } from "../kubernetes/manifest.ts";

export const S3_PORT = 9000;
export const CONSOLE_PORT = 9001;
/** Workloads with this label reach the S3 API. */
export const CLIENT_LABEL = { "bucketworks.io/s3-client": "true" } as const;

/** Chooses the server's pods. */
export function selector({ name }: MinioServer): Record<string, string> {
  return { "app.kubernetes.io/name": "minio", "app.kubernetes.io/instance": name };
}

/** Of everything that belongs to the server. */
export function labels(server: MinioServer): Record<string, string> {
  return {
    ...selector(server),
    "app.kubernetes.io/component": "object-storage",
    "app.kubernetes.io/managed-by": "bucketworks",
  };
}

/** Name and namespace; `suffix` tells the server's objects apart. */
export function metadata(server: MinioServer, suffix = ""): Metadata {
  const name = suffix === "" ? server.name : `${server.name}-${suffix}`;
  return { name, namespace: server.namespace, labels: labels(server) };
}

export function hasTls({ tls }: MinioServer): boolean {
  return tls.from !== "none";
}

/** Name of the Secret with the server's certificate, its key and its CA's certificate, `ca.crt`. */
export function caSecretName({ name, tls }: MinioServer): string {
  return tls.from === "secret" ? tls.secret : `${name}-tls`;
}

/** Host names under which the server is reached inside the cluster. */
export function clusterHosts({ name, service, namespace, clusterDomain, servers }: MinioServer): string[] {
  const domain = `${namespace}.svc.${clusterDomain}`;
  const pods = Array.from({ length: servers }, (_, index) => `${name}-${index}.${name}-nodes.${domain}`);
  return [service, `${service}.${namespace}`, `${service}.${namespace}.svc`, `${service}.${domain}`, ...pods];
}
