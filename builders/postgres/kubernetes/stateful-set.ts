import { createHash } from "node:crypto";
import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import type { OnePostgres } from "../../../config/postgres-server/schema.ts";
import type { Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { CONTAINER_SECURITY, podSecurity } from "../../kubernetes/pod-security.ts";
import { volumeClaim } from "../../kubernetes/volume-claim.ts";
import { hostAccess, identMap, serverConfiguration } from "../configuration.ts";
import type { DatabasePlan } from "../database-plan.ts";
import {
  labels,
  metadata,
  namespaceManifest,
  networkPolicies,
  POSTGRES_PORT,
  SETTINGS_ANNOTATION,
  selector,
} from "./manifest.ts";
import { startScript } from "./start-script.ts";

/** postgres of the official image; it owns the volume. */
const USER = 999;
const SETTINGS = "/etc/bucketworks/settings";
const TLS = "/etc/bucketworks/tls";
const DATA = "/var/lib/postgresql";
const SOCKET = "/var/run/postgresql";

/**
 * Everything one server is made of but its Secret `<name>-bootstrap`, in the order in which one needs another.
 * @param metrics whether the role that reads metrics comes in, too
 */
export function oneServer(server: OnePostgres, plan: DatabasePlan, metrics = false): Manifest[] {
  const data = serverFiles(server, plan, metrics);
  return [
    ...namespaceManifest(server),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(server), automountServiceAccountToken: false },
    { apiVersion: "v1", kind: "ConfigMap", metadata: metadata(server, "settings"), data },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata(server), annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "ClusterIP",
        selector: selector(server),
        ports: [{ name: "postgresql", port: POSTGRES_PORT, targetPort: "postgresql", protocol: "TCP" }],
      },
    },
    ...networkPolicies(server),
    statefulSet(server, data),
  ];
}

/**
 * What the official image starts the server from, text by name, for `/etc/bucketworks/settings`.
 * @param metrics whether the role that reads metrics comes in, too
 */
export function serverFiles(
  { tls }: Pick<OnePostgres, "tls">,
  plan: DatabasePlan,
  metrics = false,
): Record<string, string> {
  const access = { tls: tls.from !== "none", superusers: ["postgres"], metrics };
  const files = access.tls ? { certificate: `${TLS}/tls.crt`, key: `${TLS}/tls.key` } : undefined;
  return {
    "start.sh": startScript(files?.certificate),
    "postgresql.conf": serverConfiguration({
      port: POSTGRES_PORT,
      addresses: "*",
      socket: SOCKET,
      tls: files,
      access: SETTINGS,
    }),
    "pg_hba.conf": hostAccess(plan, access),
    "pg_ident.conf": identMap(access),
  };
}

function statefulSet(server: OnePostgres, data: Record<string, string>): ManifestOf<"StatefulSet"> {
  const { storageClass, size } = server;
  const digest = createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadata(server),
    spec: {
      replicas: 1,
      serviceName: server.name,
      // In order, a pod that never was ready would keep a fixed one from taking its place.
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      selector: { matchLabels: selector(server) },
      template: {
        metadata: { labels: labels(server), annotations: { [SETTINGS_ANNOTATION]: digest } },
        spec: podSpec(server),
      },
      volumeClaimTemplates: [volumeClaim({ name: "data", labels: selector(server), storageClass, size })],
    },
  };
}

function podSpec(server: OnePostgres): V1PodSpec {
  const { name, imagePullSecret, tls } = server;
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // A shutdown waits for the checkpoint; cut short, the next start reads the log instead.
    terminationGracePeriodSeconds: 60,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: podSecurity(USER),
    containers: [container(server)],
    volumes: [
      { name: "settings", configMap: { name: `${name}-settings` } },
      { name: "secret", secret: { secretName: `${name}-bootstrap`, defaultMode: 0o440 } },
      { name: "socket", emptyDir: {} },
      { name: "temporary", emptyDir: {} },
      { name: "memory", emptyDir: { medium: "Memory" } },
      ...(tls.from === "secret" ? [{ name: "tls", secret: { secretName: tls.secret, defaultMode: 0o440 } }] : []),
    ],
  };
}

function container({ image, cpu, memory, tls }: OnePostgres): V1Container {
  const ready = {
    exec: { command: ["pg_isready", "--quiet", "--username=postgres", "--dbname=postgres", `--host=${SOCKET}`] },
  };
  return {
    name: "postgresql",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh", `${SETTINGS}/start.sh`],
    env: [
      { name: "PGDATA", value: `${DATA}/data` },
      { name: "LC_ALL", value: "C" },
    ],
    ports: [{ name: "postgresql", containerPort: POSTGRES_PORT, protocol: "TCP" }],
    // A server that was killed reads its log before it takes connections, for minutes where there is much of it.
    startupProbe: { ...ready, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 300 },
    readinessProbe: { ...ready, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...ready, periodSeconds: 30, timeoutSeconds: 20, failureThreshold: 3 },
    // The stop signal of an image is lost behind a command of our own: this is the fast shutdown.
    lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", "kill -INT 1"] } } },
    resources: { requests: { cpu, memory }, limits: { memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: "data", mountPath: DATA },
      { name: "settings", mountPath: SETTINGS, readOnly: true },
      { name: "secret", mountPath: "/etc/bucketworks/secret", readOnly: true },
      { name: "socket", mountPath: SOCKET },
      { name: "temporary", mountPath: "/tmp" },
      { name: "memory", mountPath: "/dev/shm" },
      ...(tls.from === "secret" ? [{ name: "tls", mountPath: TLS, readOnly: true }] : []),
    ],
  };
}
