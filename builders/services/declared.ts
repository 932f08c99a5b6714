import type { Platform, Services, SharedServices } from "../../config/model.ts";
import { BESIDE_LOGS } from "../../config/resolve/services.ts";

/**
 * Services by their keys in a platform's file, in the order of their start: each needs those before it alone. The key `logs`
 * has two programs beside it on a laptop.
 */
export const SERVICE_KINDS = [
  "node_exporter",
  "postgres_exporter",
  "alertmanager",
  "log_store",
  "log_shipper",
  "logs",
  "mlflow",
  "model_api",
  "jupyter",
  "prometheus",
  "grafana",
] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];

/** Of which each platform that asks has its own. */
export const OWN_KINDS = ["mlflow", "model_api"] as const satisfies readonly ServiceKind[];
type OwnKind = (typeof OWN_KINDS)[number];

type BesideLogs = keyof typeof BESIDE_LOGS;

const KEYS: Readonly<Record<Exclude<ServiceKind, BesideLogs>, keyof Services>> = {
  node_exporter: "nodeExporter",
  postgres_exporter: "postgresExporter",
  alertmanager: "alertmanager",
  logs: "logs",
  mlflow: "mlflow",
  model_api: "modelApi",
  jupyter: "jupyter",
  prometheus: "prometheus",
  grafana: "grafana",
};

/** A service that runs: one of the whole stack, or one of a platform. */
export interface Instance {
  /** `prometheus`, `mlops-model-api`: what it is called in every place. */
  readonly name: string;
  readonly kind: ServiceKind;
  /** Whose it is; null where it serves the whole stack. */
  readonly platform: Platform | null;
  readonly port: number;
}

/** Every service that the platforms ask for, in the order of their start. */
export function instancesOf(platforms: readonly Platform[]): Instance[] {
  return SERVICE_KINDS.flatMap((kind): Instance[] => {
    if (isBesideLogs(kind)) return [];
    const asking = platforms.flatMap((platform) => {
      const settings = platform.services[KEYS[kind]];
      return settings === null ? [] : [{ platform, port: settings.port }];
    });
    if (isOwnKind(kind)) {
      return asking.map(({ platform, port }) => ({ name: instanceName(platform.name, kind), kind, platform, port }));
    }
    return asking.slice(0, 1).map(({ port }) => ({ name: kind, kind, platform: null, port }));
  });
}

/**
 * As `instancesOf`, with what runs beside `logs` where nothing else collects them: the store that it searches, and what brings
 * lines into it. A cluster has its own ways for both.
 */
export function localInstancesOf(platforms: readonly Platform[]): Instance[] {
  const found = instancesOf(platforms);
  const logs = found.find(({ kind }) => kind === "logs");
  if (logs === undefined) return found;
  const beside = Object.entries(BESIDE_LOGS) as [BesideLogs, number][];
  const more = beside.map(([kind, step]): Instance => ({ ...logs, name: kind, kind, port: logs.port + step }));
  return [...found, ...more].sort((a, b) => SERVICE_KINDS.indexOf(a.kind) - SERVICE_KINDS.indexOf(b.kind));
}

/** What one of a platform's own is called. */
function instanceName(platform: string, kind: OwnKind): string {
  return `${platform}-${kind.replaceAll("_", "-")}`;
}

function isBesideLogs(kind: ServiceKind): kind is BesideLogs {
  return Object.hasOwn(BESIDE_LOGS, kind);
}

function isOwnKind(kind: ServiceKind): kind is OwnKind {
  return OWN_KINDS.some((own) => own === kind);
}

/**
 * What the platforms of a stack ask for of those that serve all; those that ask for one ask for the same. The audit trail
 * of one serves all.
 */
export function sharedServices(platforms: readonly Platform[]): SharedServices {
  const first = <K extends keyof SharedServices>(name: K): SharedServices[K] =>
    (platforms.find(({ services }) => services[name] !== null)?.services[name] ?? null) as SharedServices[K];
  return {
    prometheus: first("prometheus"),
    alertmanager: first("alertmanager"),
    nodeExporter: first("nodeExporter"),
    postgresExporter: first("postgresExporter"),
    logs: platforms.find(({ services }) => services.logs?.audit)?.services.logs ?? first("logs"),
    grafana: first("grafana"),
    jupyter: first("jupyter"),
  };
}
