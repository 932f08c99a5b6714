import { stringify } from "yaml";
import type { Services } from "../../../config/model.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { durationText } from "../../monitoring/alert.ts";
import { grafanaProvisioning, grafanaSettings } from "../grafana.ts";
import { type DashboardFiles, dashboardMaps } from "./dashboard-maps.ts";
import { clientLabel, type Instance, metadata, type PlannedService, selector, serviceAccount } from "./instance.ts";
import { LOGIN, loginSecret, passwordFile } from "./login.ts";
import type { Mounted } from "./mounted.ts";
import { ingress, METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import { outsideUrl, type ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { replicas } from "./replicas.ts";
import { addressOf, hasTls, TLS_FILES } from "./tls.ts";

/** Of the official image: its user, where it has the program, and where it looks for what is provisioned. */
const USER = 472;
const PROGRAM = "/usr/share/grafana";
const PROVISIONING = "/etc/grafana/provisioning";

const SETTINGS = "/etc/bucketworks/settings";
const LOGIN_FOLDER = "/etc/bucketworks/login";
const DASHBOARDS = "/etc/bucketworks/dashboards";
const DATA = "/var/lib/grafana";
const INI = "grafana.ini";

/** The Prometheus that it asks. */
interface Source {
  readonly instance: Instance;
  readonly settings: NonNullable<Services["prometheus"]>;
}

/**
 * The stack's Grafana. All that it shows is provisioned, so it keeps nothing: what is changed in a browser goes with the pod,
 * and a new pod takes the password that the stack has then.
 */
export function grafana(
  { port }: NonNullable<Services["grafana"]>,
  { source, dashboards }: { readonly source: Source; readonly dashboards: DashboardFiles },
  place: ServicePlace,
): PlannedService {
  const instance = { name: "grafana", platform: null, port };
  const map = metadata(instance, place, "settings");
  const login = loginSecret(instance, place);
  const files = settingsOf(instance, source, place);
  const folders = dashboardMaps(instance, dashboards, place);
  const parts = (name: string, path: string, file: string): Mounted => ({
    path,
    volume: { name, configMap: { name: map.name, items: [{ key: keyOf(file), path: file.split("/").at(-1) ?? "" }] } },
  });
  const template = podTemplate(
    instance,
    {
      image: place.settings.images.grafana,
      user: USER,
      command: [`${PROGRAM}/bin/grafana`, "server", `--homepath=${PROGRAM}`, `--config=${SETTINGS}/${INI}`],
      health: { live: "/api/health", ready: "/api/health" },
      cpu: "100m",
      memory: "512Mi",
      files: [
        ...Object.keys(files).map((file) => {
          const [folder = "", inside] = file.split("/");
          return inside === undefined
            ? parts("settings", SETTINGS, file)
            : parts(folder, `${PROVISIONING}/${folder}`, file);
        }),
        passwordFile("login", LOGIN_FOLDER, login),
        ...folders.map(({ folder, configMap }) => ({
          path: `${DASHBOARDS}/${folder}`,
          volume: { name: configMap.metadata.name, configMap: { name: configMap.metadata.name } },
        })),
      ],
      scratch: { [DATA]: "1Gi", "/tmp": "256Mi" },
      clientOf: clientLabel(source.instance),
      settings: [...Object.values(files), ...Object.values(dashboards)],
    },
    place,
  );
  const traffic = {
    from: [METRICS_CLIENT],
    to: [{ pods: selector(source.instance), port: source.instance.port }],
  };
  const data = Object.fromEntries(Object.entries(files).map(([file, text]) => [keyOf(file), text]));
  const manifests: Manifest[] = [
    serviceAccount(instance, place),
    { apiVersion: "v1", kind: "ConfigMap", metadata: map, data },
    ...folders.map(({ configMap }) => configMap),
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...ingress(instance, place),
    ...replicas(instance, template, { min: 1, max: 1, awaited: true }, place),
  ];
  return { instance, manifests, needs: { ownLogin: { metadata: login, user: "admin" }, readsLogins: true } };
}

/** Its settings by their files; those of a folder are what is provisioned. */
function settingsOf(instance: Instance, { instance: read, settings }: Source, place: ServicePlace) {
  const outside = outsideUrl(instance.name, place);
  const ini = grafanaSettings({
    host: "0.0.0.0",
    port: instance.port,
    data: DATA,
    provisioning: PROVISIONING,
    passwordFile: `${LOGIN_FOLDER}/${LOGIN.password}`,
    ...(outside !== undefined && { outside }),
    ...(hasTls(place) && { tls: TLS_FILES }),
  });
  const provisioned = grafanaProvisioning({
    prometheus: addressOf(read, place),
    ...(hasTls(place) && { authorityFile: TLS_FILES.authority }),
    scrapeInterval: durationText(settings.scrapeSeconds),
    dashboards: DASHBOARDS,
  });
  const texts = Object.entries(provisioned).map(([file, document]) => [file, stringify(document)] as const);
  return { [INI]: ini, ...Object.fromEntries(texts) };
}

/** A key of a ConfigMap has no folders. */
function keyOf(file: string): string {
  return file.replaceAll("/", "-");
}
