import type { ClusterCheckout } from "../cluster-checkout.ts";
import { programImage } from "./program-image.ts";

/** Service accounts with which a model is trained; a stack has to export their keys. */
export const TRAINING_ACCOUNTS = { data: "mlops-data-pipeline", training: "mlops-model-training" } as const;

const CA = "/etc/bucketworks/tls";

/**
 * Makes the data of the model of mlops and trains it on that, in a pod that reaches MLflow as workloads of the platform do.
 * @param login Secret with which it logs in there, where MLflow asks for one
 * @param authority Secret with the `ca.crt` by which MLflow is known, where it speaks TLS
 */
export async function trainsOnce(
  checkout: ClusterCheckout,
  mlflow: string,
  login?: string,
  authority?: string,
): Promise<void> {
  const { cluster, namespace } = checkout;
  const step = (name: string, command: string, account: string, more: readonly string[] = []) => ({
    name,
    image: programImage("mlops"),
    command: [command, "identity-masker"],
    env: [
      { name: "MLFLOW_TRACKING_URI", value: mlflow },
      { name: "GIT_COMMIT_HASH", value: "0".repeat(40) },
      { name: "TMPDIR", value: "/pipeline-mlops" },
      ...(authority === undefined ? [] : [{ name: "MLFLOW_TRACKING_SERVER_CERT_PATH", value: `${CA}/ca.crt` }]),
    ],
    envFrom: [`${account}-s3`, ...more].map((secret) => ({ secretRef: { name: secret } })),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true },
    volumeMounts: [
      { name: "home", mountPath: "/pipeline-mlops" },
      ...(authority === undefined ? [] : [{ name: "ca", mountPath: CA, readOnly: true }]),
    ],
  });
  await cluster.apply({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "training", namespace },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { "app.kubernetes.io/part-of": "mlops", "bucketworks.io/s3-client": "true" } },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            fsGroup: 1000,
            seccompProfile: { type: "RuntimeDefault" },
          },
          initContainers: [step("data", "model-data", TRAINING_ACCOUNTS.data)],
          containers: [
            step("training", "model-training", TRAINING_ACCOUNTS.training, login === undefined ? [] : [login]),
          ],
          volumes: [
            { name: "home", emptyDir: {} },
            ...(authority === undefined
              ? []
              : [{ name: "ca", secret: { secretName: authority, items: [{ key: "ca.crt", path: "ca.crt" }] } }]),
          ],
        },
      },
    },
  });
  await cluster.jobDone(namespace, "training", 300);
}
