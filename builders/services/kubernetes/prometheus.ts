import type { Platform, Services } from "../../../config/model.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { caSecretName, hasTls, S3_PORT, selector as storeSelector } from "../../minio/manifest.ts";
import { metricsSecret } from "../../monitoring/service-monitor.ts";
import { metadata, type PlannedService, selector, serviceAccount } from "./instance.ts";
import { passwordFile } from "./login.ts";
import { secretFile, settingsFiles } from "./mounted.ts";
import { METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import { oneWithVolume, sizeFor } from "./one-with-volume.ts";
import type { ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { PATHS, prometheusFiles, type Watched } from "./prometheus-settings.ts";
import { webConfig } from "./tls.ts";

/** nobody of the official image. */
const USER = 65_534;
const DATA = "/prometheus";

const NAME = { name: "prometheus", platform: null } as const;

/**
 * The stack's Prometheus: one pod with a volume that outlives it. It reads the object store with the user that reads
 * metrics and nothing else, and finds pods by DNS.
 */
export function prometheus(
  asked: NonNullable<Services["prometheus"]>,
  platforms: readonly Platform[],
  watched: Watched,
  place: ServicePlace,
): PlannedService {
  const instance = { ...NAME, port: asked.port };
  const { server, settings } = place;
  const files = prometheusFiles(asked, platforms, watched, place);
  const map = metadata(instance, place, "settings");
  const web = webConfig(instance, place);
  const logins = watched.services.flatMap(({ login }) => login?.metadata ?? []);
  const template = podTemplate(
    instance,
    {
      image: settings.images.prometheus,
      user: USER,
      args: [
        `--config.file=${PATHS.settings}/prometheus.yml`,
        `--storage.tsdb.path=${DATA}`,
        `--storage.tsdb.retention.time=${asked.retentionDays}d`,
        `--storage.tsdb.retention.size=${asked.maxBytes}B`,
        `--web.listen-address=:${instance.port}`,
        ...web.args,
      ],
      health: { live: "/-/healthy", ready: "/-/ready" },
      cpu: "100m",
      memory: "1Gi",
      files: [
        settingsFiles(PATHS.settings, map.name),
        secretFile("token", PATHS.token, metricsSecret(server), "token"),
        ...(hasTls(server) ? [secretFile("ca", PATHS.ca, caSecretName(server), "ca.crt")] : []),
        ...web.files,
        ...logins.map((each) => passwordFile(each.name, `${PATHS.logins}/${each.name}`, each)),
      ],
      data: DATA,
      clientOf: METRICS_CLIENT,
      settings: Object.values(files),
      // It writes down what it has in memory.
      graceSeconds: 120,
    },
    place,
  );
  const told = watched.alertmanager === undefined ? [] : [watched.alertmanager];
  const targets = [...watched.services.map((each) => each.instance), ...told];
  const traffic = {
    from: [],
    to: [
      { pods: storeSelector(server), port: S3_PORT },
      ...targets.map((each) => ({ pods: selector(each), port: each.port })),
    ],
  };
  const manifests: Manifest[] = [
    serviceAccount(instance, place),
    ...web.manifests,
    { apiVersion: "v1", kind: "ConfigMap", metadata: map, data: files },
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    oneWithVolume(instance, { template, size: sizeFor(asked.maxBytes) }, place),
  ];
  return { instance, manifests, needs: { metricsToken: true, ...(logins.length > 0 && { readsLogins: true }) } };
}
