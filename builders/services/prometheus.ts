import type { Alerting, Platform, Services } from "../../config/model.ts";
import { durationText, type WatchedServer } from "../monitoring/alert.ts";
import { type AlertGroup, alertGroups } from "../monitoring/prometheus-rule.ts";
import { serviceAlertGroups } from "../monitoring/service-alerts.ts";
import { sharedServices } from "./declared.ts";
import { LOG_STORE } from "./logs.ts";

/** host:port of what a service speaks with. */
export interface Peers {
  /** The server of the platforms; undefined where there is none. */
  readonly minio: string | undefined;
  /** Of each service that runs, by the name of its instance. */
  readonly services: Readonly<Record<string, string>>;
}

/** What Prometheus reads, as paths relative to its settings file. */
export const PROMETHEUS_FILES = { settings: "prometheus.yml", rules: "rules.yml", token: "minio-token" } as const;

/** Where monitors that run say how their metrics are had, a file each. */
export const MONITORS_FOLDER = "monitors";

/** The labels that a cluster's operator gives a server's series: by them the same rules hold here. */
const LOCAL_SERVER: WatchedServer = { namespace: "local", service: "minio", monitoringLabels: {} };

/** Jobs by the services of a whole stack that have metrics, in the order of the file. */
const SHARED: Readonly<Record<string, string>> = {
  node_exporter: "node",
  postgres_exporter: "postgres",
  prometheus: "prometheus",
  alertmanager: "alertmanager",
  log_store: "log-store",
  log_shipper: "log-shipper",
  logs: "logs",
  grafana: "grafana",
};
/** Ends of the names of those that a platform has of its own; a job has their name, and the platform is a label. */
const OWN = ["mlflow", "model-api"];

/** With what to ask those that give nothing without a login, their metrics neither; files are from Prometheus's settings. */
const LOGINS: Readonly<Record<string, object>> = {
  log_store: { username: LOG_STORE.writer, password_file: `../log_store/${LOG_STORE.writerPassword}` },
  logs: { username: LOG_STORE.reader, password_file: `../logs/${LOG_STORE.readerPassword}` },
};

/** Where the object store has which metrics. */
export const METRICS = { cluster: "/minio/v2/metrics/cluster", bucket: "/minio/v2/metrics/bucket" };

/** `prometheus.yml`. @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export function prometheusSettings(settings: NonNullable<Services["prometheus"]>, peers: Peers): object {
  const interval = durationText(settings.scrapeSeconds);
  const { minio, services } = peers;
  const { alertmanager } = services;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: [PROMETHEUS_FILES.rules],
    ...(alertmanager !== undefined && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    }),
    scrape_configs: [
      ...(minio === undefined ? [] : Object.entries(METRICS).map(([name, path]) => ofMinio(name, path, minio))),
      ...Object.entries(SHARED).flatMap(([name, job]) => {
        const target = services[name];
        const login = LOGINS[name] !== undefined && { basic_auth: LOGINS[name] };
        return target === undefined ? [] : [{ job_name: job, ...login, static_configs: [{ targets: [target] }] }];
      }),
      ...OWN.flatMap((job) => {
        const targets = Object.entries(services).filter(([name]) => name.endsWith(`-${job}`));
        const configs = targets.map(([name, target]) => ({
          targets: [target],
          labels: { platform: name.slice(0, -job.length - 1) },
        }));
        return configs.length === 0 ? [] : [{ job_name: job, static_configs: configs }];
      }),
      { job_name: "monitor", file_sd_configs: [{ files: [`${MONITORS_FOLDER}/*.json`] }] },
    ],
  };
}

/** Two jobs, as one has one path. Their series have the labels that rules ask for, and one more that tells them apart. */
function ofMinio(name: string, path: string, target: string): object {
  const { namespace, service } = LOCAL_SERVER;
  return {
    job_name: `minio-${name}`,
    metrics_path: path,
    authorization: { type: "Bearer", credentials_file: PROMETHEUS_FILES.token },
    static_configs: [{ targets: [target], labels: { namespace, job: service, metrics: name } }],
  };
}

/** What there is for alerts to look at. */
interface Watching {
  readonly isServerRead: boolean;
  /** Whether a shipper of logs runs here. */
  readonly areLogsShipped: boolean;
}

/**
 * The alerts of each platform that asks for some, as they are on this machine: on the server where it is read, and on what
 * runs beside it.
 */
export function localAlertGroups(
  platforms: readonly Platform[],
  { isServerRead, areLogsShipped }: Watching,
): AlertGroup[] {
  const shared = sharedServices(platforms);
  const beside = ofEach(areLogsShipped ? platforms : platforms.map(withoutLogs), (platform, alerting) =>
    serviceAlertGroups(platform, alerting, shared),
  );
  return [...(isServerRead ? stackAlertGroups(platforms, LOCAL_SERVER) : []), ...beside];
}

/**
 * The alerts of each platform that asks for some, for a Prometheus without an operator. Those on validators and on base backups are left out: their
 * series are kube-state-metrics', which an operator's Prometheus reads.
 */
function stackAlertGroups(platforms: readonly Platform[], server: WatchedServer): AlertGroup[] {
  return ofEach(platforms, (platform, alerting) =>
    alertGroups({ platform: { ...platform, workloads: [], databaseBackup: null }, server }, alerting),
  );
}

/** The same on a cluster, with those on the model APIs that run there: nothing there tells of a machine. */
export function clusterAlertGroups(
  platforms: readonly Platform[],
  server: WatchedServer,
  { areLogsShipped, isDatabaseRead }: { readonly areLogsShipped: boolean; readonly isDatabaseRead: boolean },
): AlertGroup[] {
  const shared = sharedServices(platforms);
  const there = { ...shared, nodeExporter: null, postgresExporter: isDatabaseRead ? shared.postgresExporter : null };
  const beside = ofEach(areLogsShipped ? platforms : platforms.map(withoutLogs), (platform, alerting) =>
    serviceAlertGroups({ ...platform, services: { ...platform.services, nodeExporter: null } }, alerting, there),
  );
  return [...stackAlertGroups(platforms, server), ...beside];
}

function withoutLogs(platform: Platform): Platform {
  return { ...platform, services: { ...platform.services, logs: null } };
}

function ofEach(
  platforms: readonly Platform[],
  groupsOf: (platform: Platform, alerting: Alerting) => readonly AlertGroup[],
): AlertGroup[] {
  return platforms.flatMap((platform) => {
    const { alerting, name } = platform;
    if (alerting === null) return [];
    const groups = groupsOf(platform, alerting);
    return groups.filter(({ rules }) => rules.length > 0).map((group) => ({ ...group, name: `${name}-${group.name}` }));
  });
}
