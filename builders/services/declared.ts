import type { Platform, Services, SharedServices } from "../../config/model.ts";

/** Services by their keys in a platform's file, in the order of their start: each needs those before it alone. */
export const SERVICE_KINDS = [
  "node_exporter",
  "postgres_exporter",
  "alertmanager",
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

const KEYS: Readonly<Record<ServiceKind, keyof Services>> = {
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

/** What one of a platform's own is called. */
function instanceName(platform: string, kind: OwnKind): string {
  return `${platform}-${kind.replaceAll("_", "-")}`;
}

function isOwnKind(kind: ServiceKind): kind is OwnKind {
  return OWN_KINDS.some((own) => own === kind);
}

/** What the platforms of a stack ask for of those that serve all; those that ask for one ask for the same. */
export function sharedServices(platforms: readonly Platform[]): SharedServices {
  const first = <K extends keyof SharedServices>(name: K): SharedServices[K] =>
    (platforms.find(({ services }) => services[name] !== null)?.services[name] ?? null) as SharedServices[K];
  return {
    prometheus: first("prometheus"),
    alertmanager: first("alertmanager"),
    nodeExporter: first("nodeExporter"),
    postgresExporter: first("postgresExporter"),
    logs: first("logs"),
    grafana: first("grafana"),
    jupyter: first("jupyter"),
  };
}
