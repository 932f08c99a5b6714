import type { V1Container, V1EnvVar, V1PodTemplateSpec, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { Workload, WorkloadStep } from "../../config/model.ts";
import { isProgramImage } from "../../config/values/image.ts";
import { keyVariables } from "../key-variables.ts";
import { CONTAINER_SECURITY, podSecurity } from "../kubernetes/pod-security.ts";
import { homeOf, WORKLOADS_USER as USER } from "../kubernetes/workloads-image.ts";
import { CLIENT_LABEL } from "../minio/manifest.ts";
import { connectionVariables } from "../postgres/connection-variables.ts";
import { CLIENT_LABEL as POSTGRES_CLIENT_LABEL, roleSecretName } from "../postgres/kubernetes/manifest.ts";
import { backupTargetParts } from "./backup-target.ts";
import { keySecretName, platformLabels, selector, type WorkloadPlace } from "./workload-metadata.ts";

const CONFIG_DIR = "/app/config";
/** The platform's own file, under the name that programs of the platform look for. */
export const CONFIG_FILE = "minio-buckets.yaml";
const CA_DIR = "/etc/bucketworks/ca";
const DATABASE_CA_DIR = "/etc/bucketworks/database-ca";
const SERVICES_CA_DIR = "/etc/bucketworks/services-ca";
/** What a key is handed over as. */
const KEY_VARIABLES = Object.keys(
  keyVariables({ endpoint: "http://server", region: "", accessKey: "", secretKey: "" }),
);
/** What a login is handed over as. */
const LOGIN_VARIABLES = Object.keys(
  connectionVariables({ host: "", port: 0, user: "", password: "", database: "", tls: true }),
);

/** What differs between the kinds of workloads. */
export interface PodParts {
  readonly restartPolicy: "Never" | "OnFailure" | "Always";
  /** From SIGTERM to SIGKILL; absent is Kubernetes' own 30. */
  readonly graceSeconds?: number;
  /** Ports and probes of the container. */
  readonly container?: Partial<V1Container>;
}

/**
 * Pods of a workload: held to Pod Security `restricted`, they write to their home folder and nowhere else. Its steps are
 * containers that run one after the other, each with its own key and login.
 */
export function podTemplate(
  workload: Workload,
  place: WorkloadPlace,
  { restartPolicy, graceSeconds, container = {} }: PodParts,
): V1PodTemplateSpec {
  const { name, steps, config, home } = workload;
  const { imagePullSecret } = place;
  const containers = steps.map((step) => stepContainer(workload, step, place));
  const [last, ...before] = containers.toReversed();
  if (last === undefined) throw new Error(`workload ${name} has no step`);
  const logsIn = steps.some(({ databaseRole }) => databaseRole !== null);
  return {
    metadata: {
      labels: {
        ...selector(name),
        ...platformLabels(place),
        ...CLIENT_LABEL,
        ...(logsIn && POSTGRES_CLIENT_LABEL),
      },
      // Another file is another pod, so that a job runs again and a service reads it.
      ...(config !== null && { annotations: { "bucketworks.io/config": place.configDigest } }),
    },
    spec: {
      restartPolicy,
      ...(graceSeconds !== undefined && { terminationGracePeriodSeconds: graceSeconds }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      securityContext: podSecurity(USER),
      ...(before.length > 0 && { initContainers: before.toReversed() }),
      containers: [{ ...last, ...container }],
      volumes: [
        { name: "home", emptyDir: { sizeLimit: home } },
        ...(config === null ? [] : [configVolume(config, place)]),
        ...authorities(logsIn, place).map(({ volume }) => volume),
        ...steps.flatMap((step) => backupTargetParts(step, place).volume ?? []),
      ],
    },
  };
}

/** The platform's file by both its names: commands call a platform as its file is called. */
function configVolume(name: string, { platform }: WorkloadPlace): V1Volume {
  const paths = new Set([CONFIG_FILE, `${platform}.yaml`]);
  return { name: "config", configMap: { name, items: [...paths].map((path) => ({ key: CONFIG_FILE, path })) } };
}

function stepContainer(workload: Workload, step: WorkloadStep, place: WorkloadPlace): V1Container {
  const { image, cpu, memory, config } = workload;
  const { command, databaseRole } = step;
  return {
    name: step.name,
    image: imageOf(image, place),
    imagePullPolicy: "IfNotPresent",
    ...(command.length > 0 && { command: [...command] }),
    ...(step.arguments.length > 0 && { args: [...step.arguments] }),
    env: environment(workload, step, place),
    resources: { requests: { cpu, memory }, limits: { memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: "home", mountPath: homeOf(image) },
      ...(config === null ? [] : [{ name: "config", mountPath: CONFIG_DIR, readOnly: true }]),
      ...authorities(databaseRole !== null, place).map(({ mount }) => mount),
      ...[backupTargetParts(step, place).mount ?? []].flat(),
    ],
  };
}

/** Certificates by which a program knows the servers it speaks with. */
function authorities(
  logsIn: boolean,
  { caSecret, databaseCaSecret, services }: WorkloadPlace,
): { mount: V1VolumeMount; volume: V1Volume }[] {
  return [
    ...(caSecret === undefined ? [] : [caVolume("ca", caSecret, CA_DIR)]),
    ...(logsIn && databaseCaSecret !== undefined ? [caVolume("database-ca", databaseCaSecret, DATABASE_CA_DIR)] : []),
    // Services begin after the workloads, and their certificates with them: a workload that needs none of them doesn't wait.
    ...(services === undefined ? [] : [caVolume("services-ca", services.caSecret, SERVICES_CA_DIR, true)]),
  ];
}

/** A Secret's `ca.crt` as a file of a container. */
function caVolume(
  name: string,
  secretName: string,
  mountPath: string,
  optional = false,
): { mount: V1VolumeMount; volume: V1Volume } {
  return {
    mount: { name, mountPath, readOnly: true },
    volume: {
      name,
      secret: { secretName, ...(optional && { optional }), items: [{ key: "ca.crt", path: "ca.crt" }] },
    },
  };
}

/** The policies judge pods before there are images. */
function imageOf(image: string | null, place: WorkloadPlace): string {
  if (image === null) return place.image;
  return isProgramImage(image) ? (place.programImages[image] ?? "") : image;
}

/** Its own variables are none of the others; keys come by reference, nothing of them stands here. */
function environment({ image, config }: Workload, step: WorkloadStep, place: WorkloadPlace): V1EnvVar[] {
  const { serviceAccount, databaseRole, variables } = step;
  const home = homeOf(image);
  const { stage, server, caSecret, databaseCaSecret, services } = place;
  const ca = `${CA_DIR}/ca.crt`;
  const servicesCa = `${SERVICES_CA_DIR}/ca.crt`;
  const plain = {
    ENVIRONMENT: stage,
    BUCKETWORKS_STAGE: stage,
    BUCKETWORKS_SERVER: server,
    HOME: home,
    TMPDIR: home,
    ...(config !== null && { CONFIG_DIR, BUCKET_CONFIG_FILE: CONFIG_FILE }),
    ...(caSecret !== undefined && { BUCKETWORKS_CA_FILE: ca, AWS_CA_BUNDLE: ca }),
    ...(databaseRole !== null && databaseCaSecret !== undefined && { PGSSLROOTCERT: `${DATABASE_CA_DIR}/ca.crt` }),
    ...(services !== undefined && {
      BUCKETWORKS_SERVICES_CA_FILE: servicesCa,
      BUCKETWORKS_SERVICES_DOMAIN: services.domain,
      MLFLOW_TRACKING_SERVER_CERT_PATH: servicesCa,
      NODE_EXTRA_CA_CERTS: servicesCa,
    }),
    ...variables,
  };
  const fromSecret = (secret: string, keys: readonly string[]): V1EnvVar[] =>
    keys.map((name) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: name } } }));
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    ...(serviceAccount === null ? [] : fromSecret(keySecretName(serviceAccount), KEY_VARIABLES)),
    ...(databaseRole === null ? [] : fromSecret(roleSecretName(databaseRole), LOGIN_VARIABLES)),
    ...backupTargetParts(step, place).env,
  ];
}
