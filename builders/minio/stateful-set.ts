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
export function statefulSet(server: MinioServer, region: string | undefined): ManifestOf<"StatefulSet"> {
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
      template: { metadata: { labels: labels(server) }, spec: podSpec(server, region) },
      volumeClaimTemplates: drivePaths(server).map((_, index) =>
        volumeClaim({ name: `drive-${index}`, labels: selector(server), storageClass, size: driveSize }),
      ),
    },
  };
}

function podSpec(server: MinioServer, region: string | undefined): V1PodSpec {
  const { name, imagePullSecret, servers } = server;
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: podSecurity(USER),
    ...(servers > 1 && spread(server)),
    containers: [container(server, region)],
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

function container(server: MinioServer, region: string | undefined): V1Container {
  const { image, cpu, memory } = server;
  return {
    name: "minio",
    image,
    imagePullPolicy: "IfNotPresent",
    args: ["server", "--console-address", `:${CONSOLE_PORT}`, "--certs-dir", CERTS, ...storage(server)],
    env: environment(server, region),
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

/** Secrets come by reference; nothing of them stands here. */
function environment(server: MinioServer, region: string | undefined): V1EnvVar[] {
  const { name, staleUploadsExpiry, ingress } = server;
  const secret = (variable: string, key: string): V1EnvVar => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: `${name}-root`, key } },
  });
  const scheme = ingress?.tlsSecret === undefined ? "http" : "https";
  const console = ingress?.consoleHost;
  return [
    secret("MINIO_ROOT_USER", "user"),
    secret("MINIO_ROOT_PASSWORD", "password"),
    secret("MINIO_KMS_SECRET_KEY", "kms-key"),
    { name: "MINIO_API_STALE_UPLOADS_EXPIRY", value: staleUploadsExpiry },
    { name: "MINIO_PROMETHEUS_AUTH_TYPE", value: "jwt" },
    { name: "MINIO_UPDATE", value: "off" },
    { name: "HOME", value: "/tmp" },
    ...(region === undefined ? [] : [{ name: "MINIO_SITE_REGION", value: region }]),
    ...(console === undefined ? [] : [{ name: "MINIO_BROWSER_REDIRECT_URL", value: `${scheme}://${console}` }]),
  ];
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
