import type { Workload } from "../../config/model.ts";
import { CLIENT_LABEL } from "../minio/manifest.ts";
import { keySecretName, platformLabels, selector, type WorkloadPlace } from "./place.ts";

/** Nobody's, as images/workloads has it. */
const USER = 1000;
const HOME = "/home/bucketworks";
const CONFIG_DIR = "/app/config";
/** The platform's own file, under the name that programs of the platform look for. */
export const CONFIG_FILE = "minio-buckets.yaml";
const CA_DIR = "/etc/bucketworks/ca";
/** What a key is handed over as. */
export const KEY_VARIABLES = [
  "MINIO_ENDPOINT",
  "MINIO_ACCESS_KEY",
  "MINIO_SECRET_KEY",
  "AWS_ENDPOINT_URL_S3",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
] as const;

/** A pod of a workload, held to Pod Security `restricted`, that writes to its home folder and nowhere else. */
export interface PodParts {
  readonly restartPolicy: "Never" | "Always";
  /** Ports and probes of the container. */
  readonly container?: object;
}

/** @returns the template of a workload's pods */
export function podTemplate(
  workload: Workload,
  place: WorkloadPlace,
  { restartPolicy, container = {} }: PodParts,
): object {
  const { name, image, command, cpu, memory, config } = workload;
  const { caSecret, imagePullSecret } = place;
  return {
    metadata: {
      labels: { ...selector(name), ...platformLabels(place), ...CLIENT_LABEL },
      // Another file is another pod, so that a job runs again and a service reads it.
      ...(config !== null && { annotations: { "bucketworks.io/config": place.configDigest } }),
    },
    spec: {
      restartPolicy,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name,
          image: image ?? place.image,
          imagePullPolicy: "IfNotPresent",
          ...(command.length > 0 && { command }),
          ...(workload.arguments.length > 0 && { args: workload.arguments }),
          env: environment(workload, place),
          resources: { requests: { cpu, memory }, limits: { memory } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [
            { name: "home", mountPath: HOME },
            ...(config === null ? [] : [{ name: "config", mountPath: CONFIG_DIR, readOnly: true }]),
            ...(caSecret === undefined ? [] : [{ name: "ca", mountPath: CA_DIR, readOnly: true }]),
          ],
          ...container,
        },
      ],
      volumes: [
        { name: "home", emptyDir: { sizeLimit: "256Mi" } },
        ...(config === null ? [] : [{ name: "config", configMap: { name: config } }]),
        ...(caSecret === undefined
          ? []
          : [{ name: "ca", secret: { secretName: caSecret, items: [{ key: "ca.crt", path: "ca.crt" }] } }]),
      ],
    },
  };
}

/** Its own variables win; keys come by reference, nothing of them stands here. */
function environment({ serviceAccount, config, variables }: Workload, place: WorkloadPlace): object[] {
  const { stage, server, caSecret } = place;
  const ca = `${CA_DIR}/ca.crt`;
  const plain = {
    ENVIRONMENT: stage,
    BUCKETWORKS_STAGE: stage,
    BUCKETWORKS_SERVER: server,
    HOME,
    TMPDIR: HOME,
    ...(config !== null && { CONFIG_DIR, BUCKET_CONFIG_FILE: CONFIG_FILE }),
    ...(caSecret !== undefined && { BUCKETWORKS_CA_FILE: ca, AWS_CA_BUNDLE: ca }),
    ...variables,
  };
  const secret = serviceAccount === null ? undefined : keySecretName(serviceAccount);
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    ...KEY_VARIABLES.filter((name) => secret !== undefined && !(name in variables)).map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key: name } },
    })),
  ];
}
