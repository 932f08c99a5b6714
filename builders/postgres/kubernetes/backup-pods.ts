import type { V1Container, V1EnvVar, V1PodSpec, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { DatabaseBackup } from "../../../config/model.ts";
import type { OnePostgres } from "../../../config/postgres-server/schema.ts";
import type { ManifestOf } from "../../kubernetes/manifest.ts";
import { CONTAINER_SECURITY, podSecurity } from "../../kubernetes/pod-security.ts";
import { CLIENT_LABEL as STORE_CLIENT } from "../../minio/manifest.ts";
import type { BackupPlace } from "../barman.ts";
import type { WalArchive } from "../configuration.ts";
import { connectionVariables } from "../connection-variables.ts";
import { archiverScript, askScript, baseBackupScript, EXCHANGE, fetchScript, recoverScript } from "./backup-scripts.ts";
import { CLIENT_LABEL, caSecretName, labels, metadata, selector } from "./manifest.ts";
import { DATA, PGDATA, SETTINGS, SOCKET, USER } from "./places.ts";

/** What a server is backed up with, and where to. */
export interface OneBackup {
  readonly declared: DatabaseBackup;
  /** That has Barman. */
  readonly image: string;
  /** URL of the S3 API inside the cluster. */
  readonly endpoint: string;
  readonly region: string;
  /** Secret whose `ca.crt` is the CA of the store's certificate; undefined without TLS. */
  readonly caSecret: string | undefined;
}

const KEY = "/etc/bucketworks/backup-key";
const STORE_CA = "/etc/bucketworks/store-ca";
const SERVER_CA = "/etc/bucketworks/server-ca";
const LOGIN = Object.keys(
  connectionVariables({ host: "", port: 0, user: "", password: "", database: "", tls: true }),
).filter((name) => !name.startsWith("PG_"));
/** Python and a segment, and a part of a base backup on its way. */
const MEMORY = "256Mi";

/** It has no port, and its work ends by time limits of its own; a store that is away must not make the server unready. */
const RUNS = { exec: { command: ["/bin/sh", "-c", "kill -0 1"] }, periodSeconds: 30, timeoutSeconds: 5 };

/** Name of the Secret with the store's key, in AWS's form. */
export const keySecretName = (server: OnePostgres): string => `${server.name}-backup-key`;
/** Name of the Secret by which base backups log in, as variables. */
export const loginSecretName = (server: OnePostgres): string => `${server.name}-backup-login`;

/** How the server has its log archived. */
export function archiveThroughPod({ archiveTimeoutSeconds }: DatabaseBackup): WalArchive {
  return { command: `/bin/sh ${SETTINGS}/ask.sh archive "%f"`, timeoutSeconds: archiveTimeoutSeconds };
}

/** Scripts beside the server's settings, text by name. */
export function backupFiles(server: OnePostgres, backup: OneBackup): Record<string, string> {
  const { restore } = server;
  const place = placeOf(server, backup);
  return {
    "ask.sh": askScript(),
    "archiver.sh": archiverScript(place, restore?.server),
    "base-backup.sh": baseBackupScript(place),
    ...(restore !== undefined && {
      "fetch.sh": fetchScript(place, restore),
      "recover.sh": recoverScript(restore, { settings: SETTINGS, socket: SOCKET }),
    }),
  };
}

/**
 * What stands before the server in its pod: the archiver, which runs as long as the server does and ends after it, and where a
 * server begins with a backup, what fetches it and brings it to its moment.
 * @param own the server's own container
 */
export function backupContainers(server: OnePostgres, backup: OneBackup, own: V1Container): V1Container[] {
  const archiver: V1Container = {
    ...barmanContainer("archiver", "archiver.sh", backup, [{ name: "data", mountPath: DATA, readOnly: true }]),
    restartPolicy: "Always",
    readinessProbe: RUNS,
    livenessProbe: RUNS,
  };
  if (server.restore === undefined) return [archiver];
  const { ports: _, startupProbe: __, readinessProbe: ___, livenessProbe: ____, lifecycle: _____, ...once } = own;
  return [
    archiver,
    barmanContainer("fetch", "fetch.sh", backup, [{ name: "data", mountPath: DATA }]),
    { ...once, name: "recover", command: ["/bin/sh", `${SETTINGS}/recover.sh`] },
  ];
}

/** The place in the server's pod where it and the archiver meet. */
export const EXCHANGE_MOUNT: V1VolumeMount = { name: "exchange", mountPath: EXCHANGE };
/** Labels by which the pod reaches the store. */
export const BACKED_UP_LABELS = STORE_CLIENT;

/** What the archiver needs beside the server's own volumes. */
export function backupVolumes(server: OnePostgres, { caSecret }: OneBackup): V1Volume[] {
  return [
    { name: "exchange", emptyDir: { sizeLimit: "256Mi" } },
    { name: "scratch", emptyDir: { sizeLimit: "1Gi" } },
    { name: "backup-key", secret: { secretName: keySecretName(server), defaultMode: 0o440 } },
    ...(caSecret === undefined ? [] : [authority("store-ca", caSecret)]),
  ];
}

/**
 * Base backups by the clock. They read the data where the server has them: the pod runs on the server's node, with its volume read-only,
 * and its user is the one who owns the data.
 */
export function baseBackups(server: OnePostgres, backup: OneBackup): ManifestOf<"CronJob"> {
  const about = metadata(server, "base-backup");
  const login = LOGIN.map(
    (name): V1EnvVar => ({ name, valueFrom: { secretKeyRef: { name: loginSecretName(server), key: name } } }),
  );
  const ca = caSecretName(server);
  const container = barmanContainer("base-backup", "base-backup.sh", backup, [
    { name: "data", mountPath: DATA, readOnly: true },
    ...(ca === undefined ? [] : [{ name: "server-ca", mountPath: SERVER_CA, readOnly: true }]),
  ]);
  const verified = ca === undefined ? [] : [{ name: "PGSSLROOTCERT", value: `${SERVER_CA}/ca.crt` }];
  const { imagePullSecret, name } = server;
  const spec: V1PodSpec = {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
    // As the server's: the volume has that group already, so that nothing of it is changed.
    securityContext: podSecurity(USER),
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: selector(server) }, topologyKey: "kubernetes.io/hostname" },
        ],
      },
    },
    containers: [{ ...container, env: [...(container.env ?? []), ...login, ...verified] }],
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: `data-${name}-0` } },
      { name: "settings", configMap: { name: `${name}-settings` } },
      ...backupVolumes(server, backup),
      ...(ca === undefined ? [] : [authority("server-ca", ca)]),
    ],
  };
  // Not those of the server, whose Service would send clients here.
  const podLabels = {
    ...labels(server),
    "app.kubernetes.io/name": "postgresql-backup",
    ...CLIENT_LABEL,
    ...STORE_CLIENT,
  };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: about,
    spec: {
      schedule: backup.declared.schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 12 * 3600,
          template: { metadata: { labels: podLabels }, spec },
        },
      },
    },
  };
}

function placeOf(server: OnePostgres, { declared, endpoint, region }: OneBackup): BackupPlace {
  return {
    python: "/opt/pipeline/bin/python",
    endpoint,
    region,
    bucket: declared.bucket,
    prefix: declared.prefix,
    server: server.name,
    credentials: `${KEY}/credentials`,
    scratch: "/tmp",
  };
}

function barmanContainer(
  name: string,
  script: string,
  { image, caSecret }: OneBackup,
  data: V1VolumeMount[],
): V1Container {
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh", `${SETTINGS}/${script}`],
    env: [
      { name: "PGDATA", value: PGDATA },
      { name: "HOME", value: "/tmp" },
      ...(caSecret === undefined ? [] : [{ name: "AWS_CA_BUNDLE", value: `${STORE_CA}/ca.crt` }]),
    ],
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: MEMORY } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      ...data,
      EXCHANGE_MOUNT,
      { name: "settings", mountPath: SETTINGS, readOnly: true },
      { name: "scratch", mountPath: "/tmp" },
      { name: "backup-key", mountPath: KEY, readOnly: true },
      ...(caSecret === undefined ? [] : [{ name: "store-ca", mountPath: STORE_CA, readOnly: true }]),
    ],
  };
}

function authority(name: string, secretName: string): V1Volume {
  return { name, secret: { secretName, items: [{ key: "ca.crt", path: "ca.crt" }] } };
}
