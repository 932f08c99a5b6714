import type { Manifest } from "../../kubernetes/manifest.ts";
import {
  caSecretName,
  hasTls,
  S3_PORT,
  CLIENT_LABEL as STORE_CLIENT,
  selector as store,
} from "../../minio/manifest.ts";
import { CLIENT_LABEL as DATABASE_CLIENT, roleSecretName } from "../../postgres/kubernetes/manifest.ts";
import { keySecretName } from "../../workloads/workload-metadata.ts";
import { type Mlflow, mlflowArguments, mlflowEnvironment, mlflowLogging } from "../mlflow.ts";
import { type Instance, metadata, type PlannedService, serviceAccount } from "./instance.ts";
import { LOGINS_FILE, mlflowLogins, SERVER_SECRETS } from "./mlflow-logins.ts";
import { secretFile, settingsFiles, variables } from "./mounted.ts";
import { ingress, METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import { type DatabasePlace, hostOf, outsideUrl, type ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { replicas } from "./replicas.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { hasTls as isSecured, portName, TLS_FILES } from "./tls.ts";

/** As pipelines/mlflow-server/Dockerfile has them. */
const USER = 1000;
const HOME = "/pipeline-mlflow-server";

const SETTINGS = "/etc/bucketworks/settings";
const CA = "/etc/bucketworks/ca";
const LOGINS = "/etc/bucketworks/logins";
const DATABASE_CA = "/etc/bucketworks/database-ca";
const KEY = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
const LOGIN = ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE"];

/** What it is made from beside the platform's settings. */
export interface MlflowParts {
  readonly image: string;
  readonly database: DatabasePlace;
  /** Whether the platform's model API speaks with it. */
  readonly hasModelApi: boolean;
}

/** A platform's MLflow. It migrates its database itself, one pod at a time, before it takes requests; it keeps nothing. */
export function mlflow(
  instance: Instance & { readonly platform: string },
  asked: Mlflow,
  { image, database, hasModelApi }: MlflowParts,
  place: ServicePlace,
): PlannedService {
  const { server } = place;
  const map = metadata(instance, place, "settings");
  const log = JSON.stringify(mlflowLogging(instance.platform), null, 2);
  const folders = {
    metrics: `${HOME}/metrics`,
    scratch: `${HOME}/scratch`,
    auth: `${HOME}/auth`,
    logins: `${LOGINS}/${LOGINS_FILE}`,
  };
  const logins = mlflowLogins(instance, asked, hasModelApi, place);
  const template = podTemplate(
    instance,
    {
      image,
      user: USER,
      args: [
        `--log-config=${SETTINGS}/log.json`,
        "--host=0.0.0.0",
        `--port=${instance.port}`,
        ...mlflowArguments(asked, folders),
        ...(isSecured(place) ? [`--certificate=${TLS_FILES.certificate}`, `--key=${TLS_FILES.key}`] : []),
      ],
      env: [
        // Prometheus asks each pod by its address.
        { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        ...variables(environment(instance, asked, database, place), {
          [keySecretName(asked.serviceAccount)]: KEY,
          [roleSecretName(asked.role)]: LOGIN,
          ...(logins && { [logins.server.name]: Object.values(SERVER_SECRETS) }),
        }),
      ],
      health: { live: "/health", ready: "/health" },
      cpu: asked.cpu,
      memory: asked.memory,
      files: [
        settingsFiles(SETTINGS, map.name),
        ...(hasTls(server) ? [secretFile("ca", CA, caSecretName(server), "ca.crt")] : []),
        ...(database.caSecret === undefined
          ? []
          : [secretFile("database-ca", DATABASE_CA, database.caSecret, "ca.crt")]),
        ...(logins ? [secretFile("logins", LOGINS, logins.server.name, LOGINS_FILE)] : []),
      ],
      // A model waits here until it is in the bucket.
      scratch: { [HOME]: "4Gi" },
      clientOf: { ...STORE_CLIENT, ...DATABASE_CLIENT },
      settings: [log, ...(logins ? [JSON.stringify(logins.roles)] : [])],
      graceSeconds: 60,
    },
    place,
  );
  const traffic = {
    from: [METRICS_CLIENT],
    platform: instance.platform,
    to: [
      { pods: store(server), port: S3_PORT },
      { pods: database.pods, port: database.port },
    ],
  };
  const manifests: Manifest[] = [
    serviceAccount(instance, place),
    { apiVersion: "v1", kind: "ConfigMap", metadata: map, data: { "log.json": log } },
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...ingress(instance, place),
    ...serviceMonitor(instance, place),
    ...replicas(instance, template, { min: asked.replicas, max: asked.replicas, awaited: true }, place),
  ];
  const needs = { key: asked.serviceAccount, login: asked.role };
  return { instance, manifests, needs: { ...needs, ...(logins && { mlflowLogins: logins, readsLogins: true }) } };
}

function environment(
  { name, port }: Instance,
  asked: Mlflow,
  { caSecret }: DatabasePlace,
  place: ServicePlace,
): Record<string, string> {
  const { server, store } = place;
  const outside = outsideUrl(name, place);
  const inside = [name, `${name}.${server.namespace}`, `${name}.${server.namespace}.svc`, hostOf(name, place)];
  const hosts = [...inside, "localhost", "127.0.0.1", "$(POD_IP)"].map((host) => `${host}:${port}`);
  const caFile = hasTls(server) ? `${CA}/ca.crt` : undefined;
  const key = { ...store, accessKey: "", secretKey: "", caFile };
  return {
    ...mlflowEnvironment(asked, {
      key,
      database: {},
      hosts: [...hosts, "localhost:*", "127.0.0.1:*", ...(outside === undefined ? [] : [new URL(outside).host])],
      origins: outside === undefined ? [] : [outside],
      scheme: portName(place),
    }),
    ...(caSecret !== undefined && { PGSSLROOTCERT: `${DATABASE_CA}/ca.crt` }),
    HOME,
  };
}
