import { hasTls, type PostgresServer } from "../../../config/postgres-server/schema.ts";
import type { IngressRule, ManifestOf, Metadata } from "../../kubernetes/manifest.ts";
import { restrictedNamespace } from "../../kubernetes/restricted-namespace.ts";

export const POSTGRES_PORT = 5432;
/** Workloads with this label reach the server. */
export const CLIENT_LABEL = { "bucketworks.io/postgres-client": "true" } as const;
/** The settings that the pods were started with: other ones restart them. */
export const SETTINGS_ANNOTATION = "bucketworks.io/settings";
export const KEY_ANNOTATION = "bucketworks.io/database-key";

/** Chooses the server's pods. */
export function selector(server: PostgresServer): Record<string, string> {
  if (server.kind === "cloudnative-pg") return { "cnpg.io/cluster": server.name };
  return { "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": server.name };
}

/** Of everything that belongs to the server. */
export function labels({ name }: Pick<PostgresServer, "name">): Record<string, string> {
  return {
    "app.kubernetes.io/name": "postgresql",
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/component": "database",
    "app.kubernetes.io/managed-by": "bucketworks",
  };
}

/** Name and namespace; `suffix` tells the server's objects apart. */
export function metadata(server: PostgresServer, suffix = ""): Metadata {
  const name = suffix === "" ? server.name : `${server.name}-${suffix}`;
  return { name, namespace: server.namespace, labels: labels(server) };
}

/** Host name under which clients find the server, the same for either kind. */
export function serverHost({ name, namespace, clusterDomain }: PostgresServer): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

/** Secret whose `ca.crt` is the CA of the server's certificate; undefined without TLS. */
export function caSecretName(server: PostgresServer): string | undefined {
  if (!hasTls(server)) return undefined;
  if (server.kind === "cloudnative-pg") return `${server.name}-ca`;
  return server.tls.from === "secret" ? server.tls.secret : undefined;
}

/** Name of the Secret by which a role's workload logs in. */
export function roleSecretName(role: string): string {
  return `${role.replaceAll("_", "-")}-postgres`;
}

/** Nobody in, but labelled clients and those that are named. */
export function networkPolicies(
  server: PostgresServer,
  more: readonly IngressRule[] = [],
): ManifestOf<"NetworkPolicy">[] {
  const policy = (suffix: string, ingress: readonly IngressRule[]): ManifestOf<"NetworkPolicy"> => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(server, suffix),
    spec: { podSelector: { matchLabels: selector(server) }, policyTypes: ["Ingress"], ingress },
  });
  const clients = {
    from: [{ namespaceSelector: {}, podSelector: { matchLabels: CLIENT_LABEL } }],
    ports: [{ port: POSTGRES_PORT, protocol: "TCP" }],
  };
  return [policy("deny", []), policy("clients", [clients, ...more])];
}

export function namespaceManifest({ createNamespace, namespace: name }: PostgresServer): ManifestOf<"Namespace">[] {
  return createNamespace ? [restrictedNamespace(name)] : [];
}
