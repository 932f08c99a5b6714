import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { MinioServer } from "../../../config/minio-server/schema.ts";
import type { Platform } from "../../../config/model.ts";
import { sharedServices } from "../declared.ts";
import { alertmanager } from "./alertmanager.ts";
import type { PlannedService } from "./instance.ts";
import type { ServicePlace } from "./place.ts";
import { prometheus } from "./prometheus.ts";

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

/** The programs that serve the whole stack, in the order of their start. */
export function stackServices(platforms: readonly Platform[], place: ServicePlace): PlannedService[] {
  const asked = sharedServices(platforms);
  const { server, settings } = place;
  if (asked.prometheus === null || !ownPrometheus(settings, server, platforms)) return [];
  const told = asked.alertmanager === null ? [] : [alertmanager(asked.alertmanager, place)];
  const watched = { services: [], alertmanager: told[0]?.instance };
  return [...told, prometheus(asked.prometheus, platforms, watched, place)];
}
