import type { ServiceKind } from "../../../../builders/services/declared.ts";
import { alertmanager } from "./alertmanager.ts";
import { grafana } from "./grafana.ts";
import { jupyter } from "./jupyter.ts";
import type { Kind } from "./kind.ts";
import { logShipper } from "./log-shipper.ts";
import { logStore } from "./log-store.ts";
import { logs } from "./logs.ts";
import { mlflow } from "./mlflow.ts";
import { modelApi } from "./model-api.ts";
import { nodeExporter } from "./node-exporter.ts";
import { postgresExporter } from "./postgres-exporter.ts";
import { prometheus } from "./prometheus.ts";

/** How each service runs on a laptop, by its key in a platform's file. */
export const KINDS: Partial<Readonly<Record<ServiceKind, Kind>>> = {
  node_exporter: nodeExporter,
  postgres_exporter: postgresExporter,
  alertmanager,
  log_store: logStore,
  log_shipper: logShipper,
  logs,
  mlflow,
  jupyter,
  model_api: modelApi,
  prometheus,
  grafana,
};
