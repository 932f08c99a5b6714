import type { Platform, SharedServices } from "../../../config/model.ts";
import { sharedServices } from "../declared.ts";
import { alertmanager } from "./alertmanager.ts";
import { dashboardMaps } from "./dashboard-maps.ts";
import { grafana } from "./grafana.ts";
import { type Instance, jobOf, type PlannedService } from "./instance.ts";
import { logReader, logStore } from "./log-services.ts";
import { logShipper } from "./log-shipper.ts";
import type { ServicePlace } from "./place.ts";
import { postgresExporter } from "./postgres-exporter.ts";
import { prometheus } from "./prometheus.ts";
import type { Idle, StackParts } from "./stack-parts.ts";

interface Beside {
  /** The platforms' own services that are made. */
  readonly own: readonly PlannedService[];
  /** Whether the stack has a Prometheus of its own. */
  readonly hasPrometheus: boolean;
  readonly parts: StackParts;
}

/** The programs that serve the whole stack, in the order of their start. */
export function sharedPrograms(
  platforms: readonly Platform[],
  { own, hasPrometheus, parts }: Beside,
  place: ServicePlace,
): readonly (PlannedService | Idle)[] {
  const asked = sharedServices(platforms);
  const names = platforms.map(({ name }) => name);
  const beside = [
    ...exporterOf(asked, parts, place),
    ...logsOf(asked, names, parts, place),
    ...grafanaOf(asked, parts, place),
  ];
  if (asked.prometheus === null || !hasPrometheus) return beside;
  const told = asked.alertmanager === null ? [] : [alertmanager(asked.alertmanager, place)];
  const read = [...own, ...beside.filter((each) => "instance" in each)];
  const services = read.map(({ instance, needs }) => ({
    instance,
    job: jobOf(instance),
    ...(asksForLogin(instance) && { login: needs.ownLogin }),
  }));
  const watched = { services, alertmanager: told[0]?.instance };
  return [...told, prometheus(asked.prometheus, platforms, watched, place), ...beside];
}

/** Grafana's metrics are anybody's who reaches it. */
function asksForLogin({ name }: Instance): boolean {
  return name !== "grafana";
}

function exporterOf(
  { postgresExporter: asked }: SharedServices,
  { database }: StackParts,
  place: ServicePlace,
): (PlannedService | Idle)[] {
  if (asked === null) return [];
  const isReadable = database?.hasMetricsRole === true;
  return [isReadable ? postgresExporter(asked, database, place) : { name: "postgres-exporter", lack: "statefulset" }];
}

/** The store of logs, what brings lines there, and where people search. */
function logsOf(
  { logs }: SharedServices,
  platforms: readonly string[],
  { hasKey, images: { workloads } }: StackParts,
  place: ServicePlace,
): (PlannedService | Idle)[] {
  if (logs === null) return [];
  if (!hasKey) return [{ name: "logs", lack: "servicesKey" }];
  if (workloads === undefined) return [{ name: "logs", lack: "workloads" }];
  return [logStore(logs, place), logShipper(logs, { image: workloads, platforms }, place), logReader(logs, place)];
}

/** Grafana reads the stack's own Prometheus. Where an operator has one, a Grafana is beside that, and gets the dashboards. */
function grafanaOf(
  { grafana: asked, prometheus: settings }: SharedServices,
  { hasKey, dashboards }: StackParts,
  place: ServicePlace,
): (PlannedService | Idle)[] {
  if (asked === null || dashboards === undefined) return [];
  const instance = { name: "grafana", platform: null, port: asked.port };
  if (place.server.monitoring) {
    const manifests = dashboardMaps(instance, dashboards, place).map(({ configMap }) => configMap);
    return [{ instance, manifests, needs: {} }];
  }
  if (settings === null) return [{ name: instance.name, lack: "prometheus" }];
  if (!hasKey) return [{ name: instance.name, lack: "servicesKey" }];
  const source = { instance: { name: "prometheus", platform: null, port: settings.port }, settings };
  return [grafana(asked, { source, dashboards }, place)];
}
