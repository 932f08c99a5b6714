import type { Alerting, Platform, SharedServices } from "../../config/model.ts";
import { type AlertInWords, alertOf } from "./alert.ts";
import { database, databaseLog } from "./alerts/database.ts";
import { features } from "./alerts/features.ts";
import { keys } from "./alerts/keys.ts";
import { logs } from "./alerts/logs.ts";
import { machine } from "./alerts/machine.ts";
import { models } from "./alerts/models.ts";
import { pipelines } from "./alerts/pipelines.ts";
import type { AlertGroup } from "./prometheus-rule.ts";

/**
 * A platform's alerts on what runs beside the server, each class where something tells of it: its own model API; its
 * pipelines, its features and the age of its keys, by node_exporter; its databases, by postgres_exporter, that of its MLflow among them; and the machine and the way
 * of logs, which one platform watches for all.
 */
export function serviceAlertGroups(platform: Platform, alerting: Alerting, shared: SharedServices): AlertGroup[] {
  const { name, services, rotation } = platform;
  const days = rotation?.maxAgeDays ?? null;
  const hasDatabase = platform.database !== null || services.mlflow !== null;
  const isRead = shared.postgresExporter !== null;
  const classes: Readonly<Record<string, readonly AlertInWords[]>> = {
    models: services.modelApi === null ? [] : models(name, alerting),
    pipelines: shared.nodeExporter === null ? [] : pipelines(name, alerting),
    features: platform.features?.store !== "feast" || shared.nodeExporter === null ? [] : features(name, alerting),
    database: [
      ...(hasDatabase && isRead ? database(name, alerting) : []),
      ...(platform.databaseBackup !== null && isRead ? [databaseLog(name, alerting)] : []),
    ],
    machine: services.nodeExporter === null ? [] : machine(alerting),
    keys: shared.nodeExporter === null || days === null ? [] : keys(name, days),
    logs: services.logs === null ? [] : logs(alerting),
  };
  return Object.entries(classes).map(([group, alerts]) => ({
    name: group,
    rules: alerts.map((each) => alertOf(each, { platform })),
  }));
}
