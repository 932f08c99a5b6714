/** What the engine sends for a text that isn't known at a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const container = {
  name: "app",
  image: "registry.example:5000/app:1.2.3",
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
};

const pod = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
};

/** Fields that differ from those of the object that keeps every policy. */
interface Changes {
  readonly container?: object;
  readonly pod?: object;
  readonly job?: object;
}

/** A Deployment that keeps every policy, with changes. */
export function deployment(change: Changes = {}) {
  const probe = { httpGet: { path: "/health", port: 8080 } };
  const probed = { ...container, readinessProbe: probe, livenessProbe: probe, ...change.container };
  const template = { spec: { ...pod, containers: [probed], ...change.pod } };
  return {
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: { name: "app", namespace: "mlops" },
    spec: { selector: { matchLabels: { app: "app" } }, template },
  };
}

/** A CronJob that keeps every policy, with changes. */
export function cronJob(change: Changes = {}) {
  const containers = [{ ...container, ...change.container }];
  const template = { spec: { ...pod, restartPolicy: "Never", containers, ...change.pod } };
  return {
    apiVersion: "batch/v1" as const,
    kind: "CronJob" as const,
    metadata: { name: "validator", namespace: "mlops" },
    spec: { schedule: "0 * * * *", jobTemplate: { spec: { activeDeadlineSeconds: 600, template, ...change.job } } },
  };
}
