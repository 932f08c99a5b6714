import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { MinioServer } from "../../../config/minio-server/schema.ts";
import type { Platform } from "../../../config/model.ts";
import { instancesOf, sharedServices } from "../declared.ts";
import type { Instance, PlannedService } from "./instance.ts";
import { mlflow } from "./mlflow.ts";
import { modelApi } from "./model-api.ts";
import type { ServicePlace } from "./place.ts";
import type { Judge } from "./rollout.ts";
import { sharedPrograms } from "./shared.ts";
import type { Idle, Lack, StackParts } from "./stack-parts.ts";
import { certificate } from "./tls.ts";

export interface Planned {
  readonly services: readonly PlannedService[];
  /** Names of those that are asked for and not made, by what the stack lacks. */
  readonly idle: Readonly<Partial<Record<Lack, readonly string[]>>>;
}

/**
 * Whether a stack has a Prometheus of its own. Where an operator's reads the object store (`server.monitoring`), that one reads
 * everything, judges the alerts and tells people: a second one would tell them twice.
 */
export function ownPrometheus(
  settings: ClusterServices | undefined,
  server: MinioServer,
  platforms: readonly Platform[],
): boolean {
  return settings?.deploy === true && !server.monitoring && sharedServices(platforms).prometheus !== null;
}

/** Every program of a service that the stack deploys, in the order of their start. */
export function plannedServices(platforms: readonly Platform[], parts: StackParts, place: ServicePlace): Planned {
  const services: PlannedService[] = [];
  const idle: Partial<Record<Lack, string[]>> = {};
  const take = (found: readonly (PlannedService | Idle | undefined)[]): void => {
    for (const each of found) {
      if (each === undefined) continue;
      if ("lack" in each) idle[each.lack] = [...(idle[each.lack] ?? []), each.name];
      else services.push(certified(each, place));
    }
  };
  const own = ownPrometheus(place.settings, place.server, platforms);
  const asked = sharedServices(platforms).prometheus;
  const prometheus = own && asked !== null ? { ...asked, name: "prometheus", platform: null } : undefined;
  for (const platform of platforms) {
    const registry = mlflowOf(platform, parts, place);
    take([registry, modelApiOf(platform, registry, { ...parts, prometheus }, place)]);
  }
  take(sharedPrograms(platforms, { own: services, hasPrometheus: own, parts }, place));
  return { services, idle };
}

/** With the certificate that its pods have; what has no pods needs none. */
function certified(service: PlannedService, place: ServicePlace): PlannedService {
  const { instance, manifests } = service;
  const runs = manifests.some(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
  return runs ? { ...service, manifests: [...manifests, ...certificate(instance, place)] } : service;
}

function mlflowOf(platform: Platform, { images, database, hasKey }: StackParts, place: ServicePlace) {
  const { mlflow: asked, modelApi } = platform.services;
  const instance = ownInstance(platform, "mlflow");
  if (asked === null || instance === undefined) return undefined;
  const idle = (lack: Lack): Idle => ({ name: instance.name, lack });
  if (asked.auth && !hasKey) return idle("servicesKey");
  const image = images["mlflow-server"];
  if (image === undefined) return idle("mlflow-server");
  if (database === undefined) return idle("database");
  return mlflow(instance, asked, { image, database, hasModelApi: modelApi !== null }, place);
}

function modelApiOf(
  platform: Platform,
  registry: PlannedService | Idle | undefined,
  { images, database, prometheus }: StackParts & { readonly prometheus: Judge | undefined },
  place: ServicePlace,
): PlannedService | Idle | undefined {
  const { modelApi: asked, mlflow: settings } = platform.services;
  const instance = ownInstance(platform, "model_api");
  if (asked === null || instance === undefined) return undefined;
  const idle = (lack: Lack): Idle => ({ name: instance.name, lack });
  const { mlops: image } = images;
  const { tokens } = place.settings;
  if (image === undefined) return idle("mlops");
  if (tokens === undefined) return idle("tokens");
  if (registry === undefined || settings === null || "lack" in registry || database === undefined)
    return idle("mlflow");
  const { experiments } = platform;
  const parts = {
    image,
    tokens,
    registry: { instance: registry.instance, settings },
    experiments,
    database,
    prometheus,
  };
  return modelApi(instance, asked, parts, place);
}

function ownInstance(
  platform: Platform,
  kind: "mlflow" | "model_api",
): (Instance & { readonly platform: string }) | undefined {
  const found = instancesOf([platform]).find((each) => each.kind === kind);
  return found && { name: found.name, port: found.port, platform: platform.name };
}
