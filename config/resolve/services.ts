import { defaults } from "../defaults.ts";
import type { Services } from "../model.ts";
import type { MlflowSpec, ModelApiSpec } from "../schema/platform-services.ts";
import type { ServicesSpec } from "../schema/services.ts";
import { roleName } from "../values/database-names.ts";
import { secondsIn } from "../values/duration.ts";
import { quotaBytes } from "../values/quota.ts";
import { resolveRollout } from "./rollout.ts";

const { services: usual } = defaults;
/** What runs beside `logs` on a laptop, and how far its port is from that of the key. */
export const BESIDE_LOGS = { log_store: 1, log_shipper: 2 } as const;
/** Key of the role that MLflow logs in to its database with. */
export const MLFLOW_ROLE = "mlflow";

/** The spec was judged: each duration and size is one. A service that isn't enabled is as one that isn't there. */
export function resolveServices(platform: string, spec: ServicesSpec = {}): Services {
  const { prometheus, alertmanager, node_exporter: nodeExporter, postgres_exporter: postgresExporter } = spec;
  const { logs, grafana, jupyter, mlflow, model_api: modelApi } = spec;
  return {
    prometheus: isAsked(prometheus)
      ? {
          port: prometheus.port ?? usual.prometheus.port,
          retentionDays: prometheus.retention_days ?? usual.prometheus.retentionDays,
          maxBytes: bytes(prometheus.max_size ?? usual.prometheus.maxSize),
          scrapeSeconds: seconds(prometheus.scrape_interval ?? usual.prometheus.scrapeInterval),
        }
      : null,
    alertmanager: isAsked(alertmanager)
      ? {
          port: alertmanager.port ?? usual.alertmanager.port,
          groupWaitSeconds: seconds(alertmanager.group_wait ?? usual.alertmanager.groupWait),
          groupIntervalSeconds: seconds(alertmanager.group_interval ?? usual.alertmanager.groupInterval),
          repeatSeconds: seconds(alertmanager.repeat_interval ?? usual.alertmanager.repeatInterval),
        }
      : null,
    nodeExporter: isAsked(nodeExporter) ? { port: nodeExporter.port ?? usual.nodeExporter.port } : null,
    postgresExporter: isAsked(postgresExporter) ? { port: postgresExporter.port ?? usual.postgresExporter.port } : null,
    logs: isAsked(logs)
      ? {
          port: logs.port ?? usual.logs.port,
          retentionDays: logs.retention_days ?? usual.logs.retentionDays,
          maxBytes: bytes(logs.max_size ?? usual.logs.maxSize),
          audit:
            logs.audit === undefined ? null : { bucket: logs.audit.bucket, serviceAccount: logs.audit.service_account },
          serverRequests: logs.server_requests ?? usual.logs.serverRequests,
        }
      : null,
    grafana: isAsked(grafana) ? { port: grafana.port ?? usual.grafana.port } : null,
    jupyter: isAsked(jupyter) ? { port: jupyter.port ?? usual.jupyter.port } : null,
    mlflow: isAsked(mlflow) ? resolveMlflow(platform, mlflow) : null,
    modelApi: isAsked(modelApi) ? resolveModelApi(modelApi) : null,
  };
}

function resolveMlflow(platform: string, spec: MlflowSpec): NonNullable<Services["mlflow"]> {
  return {
    port: spec.port ?? usual.mlflow.port,
    serviceAccount: spec.service_account,
    bucket: spec.bucket,
    prefix: spec.prefix ?? "",
    database: mlflowDatabase(platform, spec),
    role: roleName(platform, MLFLOW_ROLE),
    workers: spec.workers ?? usual.mlflow.workers,
    auth: asksForLogins(spec),
    logins: Object.fromEntries(Object.entries(spec.logins ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
    replicas: spec.replicas ?? usual.mlflow.replicas,
    cpu: spec.cpu ?? usual.mlflow.cpu,
    memory: spec.memory ?? usual.mlflow.memory,
  };
}

/** A file that names logins asks for them. */
function asksForLogins({ auth, logins }: MlflowSpec): boolean {
  return auth ?? logins !== undefined;
}

/** The database of a platform's MLflow. */
export function mlflowDatabase(platform: string, { database }: MlflowSpec): string {
  return database ?? roleName(platform, MLFLOW_ROLE);
}

function resolveModelApi(spec: ModelApiSpec): NonNullable<Services["modelApi"]> {
  return {
    port: spec.port ?? usual.modelApi.port,
    model: spec.model,
    alias: spec.alias ?? usual.modelApi.alias,
    version: spec.version ?? null,
    serviceAccount: spec.service_account,
    requestsPerMinute: spec.requests_per_minute ?? usual.modelApi.requestsPerMinute,
    replicas: modelApiReplicas(spec),
    cpu: spec.cpu ?? usual.modelApi.cpu,
    memory: spec.memory ?? usual.modelApi.memory,
    rollout: resolveRollout(spec.rollout),
  };
}

export function modelApiReplicas(spec: ModelApiSpec): { readonly min: number; readonly max: number } {
  return {
    min: spec.min_replicas ?? usual.modelApi.minReplicas,
    max: spec.max_replicas ?? usual.modelApi.maxReplicas,
  };
}

export function isAsked<T extends { readonly enabled?: boolean | undefined }>(spec: T | undefined): spec is T {
  return spec !== undefined && spec.enabled !== false;
}

function seconds(text: string): number {
  return secondsIn(text) ?? 0;
}

function bytes(text: string): number {
  const size = quotaBytes(text);
  return "bytes" in size ? size.bytes : 0;
}
