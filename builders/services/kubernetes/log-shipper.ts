import type { Services } from "../../../config/model.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { WORKLOADS_USER as USER, WORKLOADS_HOME } from "../../kubernetes/workloads-image.ts";
import { LOG_STORE, type PodShipperDocument } from "../logs.ts";
import { metadata, type PlannedService, selector, serviceAccount } from "./instance.ts";
import { logInstances } from "./log-services.ts";
import { LOGIN, loginSecret, passwordFile } from "./login.ts";
import { type Mounted, settingsFiles } from "./mounted.ts";
import { METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import { oneWithVolume } from "./one-with-volume.ts";
import { hostOf, type ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { hasTls, TLS_FILES } from "./tls.ts";

const SETTINGS = "/etc/bucketworks/settings";
const WRITER = "/etc/bucketworks/writer";
const DATA = "/data";
/** Where every client of Kubernetes looks. */
const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";
const PROGRAM = "/opt/bucketworks/cli/logs/ship-pods.ts";
/** The API server's, by the Service and behind it; a policy sees the second where addresses are translated before. */
const API_PORTS = [443, 6443];

/** What it is made from beside the platforms' settings. */
export interface LogShipperParts {
  /** In which `bucketworks` runs. */
  readonly image: string;
  /** Names. */
  readonly platforms: readonly string[];
}

/**
 * Reads the lines of the namespace's pods from Kubernetes's API, masks them and brings them to the store. It may list pods and
 * read their lines there, and nothing else; its volume holds how far it has come.
 */
export function logShipper(
  asked: NonNullable<Services["logs"]>,
  { image, platforms }: LogShipperParts,
  place: ServicePlace,
): PlannedService {
  const { store, shipper: instance } = logInstances(asked);
  const about = metadata(instance, place);
  const map = metadata(instance, place, "settings");
  const { namespace } = place.server;
  const document: PodShipperDocument = {
    platforms,
    store: {
      address: `${hasTls(place) ? hostOf(store.name, place) : store.name}:${store.port}`,
      user: LOG_STORE.writer,
      passwordFile: `${WRITER}/${LOGIN.password}`,
      ...(hasTls(place) && { authorityFile: TLS_FILES.authority }),
    },
    cluster: { namespace, tokenFile: `${TOKEN}/token` },
    positions: `${DATA}/shipped.json`,
    port: instance.port,
    ...(hasTls(place) && { tls: { certificate: TLS_FILES.certificate, key: TLS_FILES.key } }),
  };
  const settings = JSON.stringify(document, null, 2);
  const template = podTemplate(
    instance,
    {
      image,
      user: USER,
      command: ["node", PROGRAM, `--settings=${SETTINGS}/settings.json`],
      env: [
        { name: "NODE_EXTRA_CA_CERTS", value: `${TOKEN}/ca.crt` },
        { name: "HOME", value: WORKLOADS_HOME },
      ],
      health: { live: "/health", ready: "/health" },
      cpu: "100m",
      memory: "384Mi",
      files: [
        settingsFiles(SETTINGS, map.name),
        passwordFile("writer", WRITER, loginSecret(store, place)),
        apiAccess(),
      ],
      scratch: { [WORKLOADS_HOME]: "64Mi" },
      data: DATA,
      settings: [settings],
    },
    place,
  );
  const traffic = { from: [METRICS_CLIENT], to: [{ pods: selector(store), port: store.port }], outside: API_PORTS };
  const rbac = "rbac.authorization.k8s.io";
  const manifests: Manifest[] = [
    serviceAccount(instance, place),
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata: about,
      rules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
        { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: about,
      roleRef: { apiGroup: rbac, kind: "Role", name: about.name },
      subjects: [{ kind: "ServiceAccount", name: about.name, namespace }],
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: map, data: { "settings.json": settings } },
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...serviceMonitor(instance, place),
    oneWithVolume(instance, { template, size: "1Gi" }, place),
  ];
  return { instance, manifests, needs: { readsLogins: true } };
}

/** A token of its own, which Kubernetes renews, in place of the one that every pod might get. */
function apiAccess(): Mounted {
  const sources = [
    { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
  ];
  return { path: TOKEN, volume: { name: "api-access", projected: { defaultMode: 0o440, sources } } };
}
