import { createHash } from "node:crypto";
import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import type { OnePostgres } from "../../../config/postgres-server/schema.ts";
import type { Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { CONTAINER_SECURITY, podSecurity } from "../../kubernetes/pod-security.ts";
import { volumeClaim } from "../../kubernetes/volume-claim.ts";
import { hostAccess, identMap, serverConfiguration } from "../configuration.ts";
import type { DatabasePlan } from "../database-plan.ts";
import {
  archiveThroughPod,
  BACKED_UP_LABELS,
  backupContainers,
  backupFiles,
  backupVolumes,
  baseBackups,
  EXCHANGE_MOUNT,
  type OneBackup,
} from "./backup-pods.ts";
import {
  labels,
  metadata,
  namespaceManifest,
  networkPolicies,
  POSTGRES_PORT,
  SETTINGS_ANNOTATION,
  selector,
} from "./manifest.ts";
import { DATA, PGDATA, SETTINGS, SOCKET, USER } from "./places.ts";
import { startScript } from "./start-script.ts";

const TLS = "/etc/bucketworks/tls";

/** Who comes in to a server beside its clients, and what it is backed up with. */
export interface Beside {
  /** The role that reads metrics. */
  readonly metrics?: boolean;
  readonly backup?: OneBackup | undefined;
}

/** Everything one server is made of but its Secrets, in the order in which one needs another. */
export function oneServer(server: OnePostgres, plan: DatabasePlan, beside: Beside = {}): Manifest[] {
  const { backup } = beside;
  const data = { ...serverFiles(server, plan, beside), ...(backup && backupFiles(server, backup)) };
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
    ...(backup === undefined ? [] : [baseBackups(server, backup)]),
    statefulSet(server, data, backup),
  ];
}

/** What the official image starts the server from, text by name, for `/etc/bucketworks/settings`. */
export function serverFiles(
  { tls }: Pick<OnePostgres, "tls">,
  plan: DatabasePlan,
  { metrics = false, backup }: Beside = {},
): Record<string, string> {
  const access = { tls: tls.from !== "none", superusers: ["postgres"], metrics, backup: backup !== undefined };
  const files = access.tls ? { certificate: `${TLS}/tls.crt`, key: `${TLS}/tls.key` } : undefined;
  return {
    "start.sh": startScript(files?.certificate),
    "postgresql.conf": serverConfiguration({
      port: POSTGRES_PORT,
      addresses: "*",
      socket: SOCKET,
      tls: files,
      access: SETTINGS,
      archive: backup && archiveThroughPod(backup.declared),
    }),
    "pg_hba.conf": hostAccess(plan, access),
    "pg_ident.conf": identMap(access),
  };
}

function statefulSet(
  server: OnePostgres,
  data: Record<string, string>,
  backup: OneBackup | undefined,
): ManifestOf<"StatefulSet"> {
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
        metadata: {
          labels: { ...labels(server), ...(backup && BACKED_UP_LABELS) },
          annotations: { [SETTINGS_ANNOTATION]: digest },
        },
        spec: podSpec(server, backup),
      },
      volumeClaimTemplates: [volumeClaim({ name: "data", labels: selector(server), storageClass, size })],
    },
  };
}

function podSpec(server: OnePostgres, backup: OneBackup | undefined): V1PodSpec {
  const { name, imagePullSecret, tls } = server;
  const own = container(server, backup);
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // A shutdown waits for the checkpoint; cut short, the next start reads the log instead.
    terminationGracePeriodSeconds: 60,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: podSecurity(USER),
    ...(backup && { initContainers: backupContainers(server, backup, own) }),
    containers: [own],
    volumes: [
      { name: "settings", configMap: { name: `${name}-settings` } },
      { name: "secret", secret: { secretName: `${name}-bootstrap`, defaultMode: 0o440 } },
      { name: "socket", emptyDir: {} },
      { name: "temporary", emptyDir: {} },
      { name: "memory", emptyDir: { medium: "Memory" } },
      ...(tls.from === "secret" ? [{ name: "tls", secret: { secretName: tls.secret, defaultMode: 0o440 } }] : []),
      ...(backup === undefined ? [] : backupVolumes(server, backup)),
    ],
  };
}

function container({ image, cpu, memory, tls }: OnePostgres, backup: OneBackup | undefined): V1Container {
  const ready = {
    exec: { command: ["pg_isready", "--quiet", "--username=postgres", "--dbname=postgres", `--host=${SOCKET}`] },
  };
  return {
    name: "postgresql",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh", `${SETTINGS}/start.sh`],
    env: [
      { name: "PGDATA", value: PGDATA },
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
      ...(backup === undefined ? [] : [EXCHANGE_MOUNT]),
    ],
  };
}
