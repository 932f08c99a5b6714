import type { V1Container, V1EnvVar, V1PodSpec, V1Probe, V1SecretVolumeSource } from "@kubernetes/client-node";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { ManifestOf } from "../kubernetes/manifest.ts";
import { CONTAINER_SECURITY, podSecurity } from "../kubernetes/pod-security.ts";
import { volumeClaim } from "../kubernetes/volume-claim.ts";
import { CONSOLE_PORT, caSecretName, hasTls, labels, metadata, S3_PORT, selector } from "./manifest.ts";

/** MinIO's own user; it owns the volumes. */
const USER = 1000;
const CERTS = "/etc/minio/certs";

/**
 * The server itself: one pod a server, one volume a drive. All pods start together, since they wait for one another;
 * they are renewed one by one. Volumes stay when it is removed.
 */
export function statefulSet(server: MinioServer, environment: V1EnvVar[]): ManifestOf<"StatefulSet"> {
  const { servers, storageClass, driveSize } = server;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadata(server),
    spec: {
      replicas: servers,
      serviceName: `${server.name}-nodes`,
      podManagementPolicy: "Parallel",
      // The others find a renewed server a while after it says that it is ready: the next one waits for that.
      ...(servers > 1 && { minReadySeconds: 10 }),
      updateStrategy: { type: "RollingUpdate" },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      selector: { matchLabels: selector(server) },
      template: { metadata: { labels: labels(server) }, spec: podSpec(server, environment) },
      volumeClaimTemplates: drivePaths(server).map((_, index) =>
        volumeClaim({ name: `drive-${index}`, labels: selector(server), storageClass, size: driveSize }),
      ),
    },
  };
}

function podSpec(server: MinioServer, environment: V1EnvVar[]): V1PodSpec {
  const { name, imagePullSecret, nodeSelector, servers } = server;
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: podSecurity(USER),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(servers > 1 && spread(server)),
    containers: [container(server, environment)],
    volumes: [
      { name: "temporary", emptyDir: {} },
      ...(hasTls(server) ? [{ name: "certificates", secret: certificates(server) }] : []),
    ],
  };
}

/** Servers on nodes and in zones of their own, as far as the cluster has any. */
function spread(server: MinioServer): Pick<V1PodSpec, "affinity" | "topologySpreadConstraints"> {
  const labelSelector = { matchLabels: selector(server) };
  const away = { labelSelector, topologyKey: "kubernetes.io/hostname" };
  return {
    affinity: {
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: away }] },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    ],
  };
}

function container(server: MinioServer, environment: V1EnvVar[]): V1Container {
  const { image, cpu, memory } = server;
  return {
    name: "minio",
    image,
    imagePullPolicy: "IfNotPresent",
    args: ["server", "--console-address", `:${CONSOLE_PORT}`, "--certs-dir", CERTS, ...storage(server)],
    env: environment,
    ports: [
      { name: "s3", containerPort: S3_PORT, protocol: "TCP" },
      { name: "console", containerPort: CONSOLE_PORT, protocol: "TCP" },
    ],
    // None of these asks for the others: pods that wait for one another could never be fixed one by one.
    startupProbe: { ...probe(server, "live"), periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...probe(server, "ready"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...probe(server, "live"), periodSeconds: 30, timeoutSeconds: 20, failureThreshold: 3 },
    resources: { requests: { cpu, memory }, limits: { memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      ...drivePaths(server).map((mountPath, index) => ({ name: `drive-${index}`, mountPath })),
      { name: "temporary", mountPath: "/tmp" },
      ...(hasTls(server) ? [{ name: "certificates", mountPath: CERTS, readOnly: true }] : []),
    ],
  };
}

function probe(server: MinioServer, path: "live" | "ready"): V1Probe {
  return { httpGet: { path: `/minio/health/${path}`, port: "s3", scheme: hasTls(server) ? "HTTPS" : "HTTP" } };
}

/** What MinIO keeps data on: its own drives, or every drive of every server by the name of its pod. */
function storage(server: MinioServer): string[] {
  const { name, servers, drives, namespace, clusterDomain } = server;
  const path = drives === 1 ? "/drive-0" : `/drive-{0...${drives - 1}}`;
  if (servers === 1) return [path];
  const host = `${name}-{0...${servers - 1}}.${name}-nodes.${namespace}.svc.${clusterDomain}`;
  return [`${hasTls(server) ? "https" : "http"}://${host}:${S3_PORT}${path}`];
}

function drivePaths({ drives }: MinioServer): string[] {
  return Array.from({ length: drives }, (_, index) => `/drive-${index}`);
}

/** MinIO's names for what a TLS Secret holds. */
function certificates(server: MinioServer): V1SecretVolumeSource {
  return {
    secretName: caSecretName(server),
    items: [
      { key: "tls.crt", path: "public.crt" },
      { key: "tls.key", path: "private.key" },
      { key: "ca.crt", path: "CAs/ca.crt" },
    ],
  };
}
