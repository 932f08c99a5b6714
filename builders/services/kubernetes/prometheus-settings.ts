import { stringify } from "yaml";
import type { MinioServer } from "../../../config/minio-server/schema.ts";
import type { Platform, Services } from "../../../config/model.ts";
import { hasTls, S3_PORT } from "../../minio/manifest.ts";
import { durationText } from "../../monitoring/alert.ts";
import { clusterAlertGroups, METRICS } from "../prometheus.ts";
import type { Instance, PlannedService } from "./instance.ts";
import { LOGIN } from "./login.ts";
import { hostOf, type ServicePlace } from "./place.ts";
import { newPodsJob } from "./rollout.ts";
import { scrapedWith } from "./tls.ts";

/** Files that Prometheus reads. */
export const PATHS = {
  settings: "/etc/bucketworks/settings",
  token: "/etc/bucketworks/token",
  ca: "/etc/bucketworks/ca",
  /** Of logins, a folder each. */
  logins: "/etc/bucketworks/logins",
} as const;

/** A service with metrics. */
export interface WatchedService {
  readonly job: string;
  readonly instance: Instance;
  /** What they ask for; undefined where they are anybody's. */
  readonly login?: PlannedService["needs"]["ownLogin"];
}

/** What Prometheus reads and to whom it tells; undefined where there is none. */
export interface Watched {
  /** Services with metrics of their own, each by the job that its series have. */
  readonly services: readonly WatchedService[];
  readonly alertmanager: Instance | undefined;
}

/** `prometheus.yml` and `rules.yml` as they are on the cluster. */
export function prometheusFiles(
  { scrapeSeconds, port }: NonNullable<Services["prometheus"]>,
  platforms: readonly Platform[],
  { services, alertmanager }: Watched,
  place: ServicePlace,
): Record<string, string> {
  const interval = durationText(scrapeSeconds);
  const told = alertmanager === undefined ? [] : [alertmanager];
  const settings = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ["rules.yml"],
    ...(told.length > 0 && { alerting: { alertmanagers: told.map((each) => byName(each, place)) } }),
    scrape_configs: [
      ...Object.entries(METRICS).map(([name, path]) => ofMinio(name, path, place.server)),
      {
        job_name: "prometheus",
        ...scrapedWith({ name: "prometheus" }, place),
        static_configs: [{ targets: [`localhost:${port}`] }],
      },
      ...told.map((each) => ({ job_name: "alertmanager", ...byName(each, place) })),
      ...services.map((each) => ofPods(each, place)),
      ...newPodsJobs(platforms, services, place),
    ],
  };
  const served = services.filter(({ job }) => job === "model-api").map(({ instance }) => instance.platform);
  const judged = platforms.map((platform) =>
    served.includes(platform.name) ? platform : { ...platform, services: { ...platform.services, modelApi: null } },
  );
  const runs = (name: string): boolean => services.some(({ job }) => job === name);
  const beside = { areLogsShipped: runs("log-shipper"), isDatabaseRead: runs("postgres-exporter") };
  const rules = { groups: clusterAlertGroups(judged, place.server, beside) };
  const text = (document: object): string => stringify(document, { lineWidth: 0 });
  return { "prometheus.yml": text(settings), "rules.yml": text(rules) };
}

function byName(instance: Instance, place: ServicePlace): object {
  const targets = [`${hostOf(instance.name, place)}:${instance.port}`];
  return { ...scrapedWith(instance, place), static_configs: [{ targets }] };
}

/** Two jobs, as one has one path. Their series have the labels that an operator's have, so that the same rules hold. */
function ofMinio(name: string, path: string, server: MinioServer): object {
  const { namespace, service, clusterDomain } = server;
  return {
    job_name: `minio-${name}`,
    metrics_path: path,
    scheme: hasTls(server) ? "https" : "http",
    ...(hasTls(server) && { tls_config: { ca_file: `${PATHS.ca}/ca.crt` } }),
    authorization: { type: "Bearer", credentials_file: `${PATHS.token}/token` },
    static_configs: [
      {
        targets: [`${service}.${namespace}.svc.${clusterDomain}:${S3_PORT}`],
        labels: { namespace, job: service, metrics: name },
      },
    ],
  };
}

/** Which pods of a model API are new, where an analysis judges those alone. */
function newPodsJobs(
  platforms: readonly Platform[],
  services: readonly WatchedService[],
  place: ServicePlace,
): object[] {
  return platforms.flatMap(({ name, services: { modelApi } }) => {
    const api = services.find(({ job, instance }) => job === "model-api" && instance.platform === name);
    if (api === undefined || !modelApi?.rollout?.analysis) return [];
    return [newPodsJob({ ...api.instance, platform: name }, place)];
  });
}

/** Every pod of a service has series of its own; DNS names them. */
function ofPods({ job, instance, login }: WatchedService, place: ServicePlace): object {
  const { name, port, platform } = instance;
  return {
    job_name: name,
    ...scrapedWith(instance, place),
    ...(login && {
      basic_auth: { username: login.user, password_file: `${PATHS.logins}/${login.metadata.name}/${LOGIN.password}` },
    }),
    dns_sd_configs: [{ names: [hostOf(`${name}-pods`, place)], type: "A", port, refresh_interval: "5s" }],
    relabel_configs: Object.entries({ job, ...(platform !== null && { platform }) }).map(([label, value]) => ({
      target_label: label,
      replacement: value,
    })),
  };
}
