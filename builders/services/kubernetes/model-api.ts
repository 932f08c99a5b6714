import type { Experiment, Services } from "../../../config/model.ts";
import { roleName } from "../../../config/values/database-names.ts";
import { EXPERIMENT_ROLES } from "../../../config/values/experiments.ts";
import { OWN_LOGINS } from "../../../config/values/mlflow-logins.ts";
import { keyVariables } from "../../key-variables.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { homeOf, WORKLOADS_USER as USER } from "../../kubernetes/workloads-image.ts";
import {
  caSecretName,
  hasTls,
  S3_PORT,
  CLIENT_LABEL as STORE_CLIENT,
  selector as store,
} from "../../minio/manifest.ts";
import { CLIENT_LABEL as DATABASE_CLIENT, roleSecretName } from "../../postgres/kubernetes/manifest.ts";
import { keySecretName } from "../../workloads/workload-metadata.ts";
import type { Mlflow } from "../mlflow.ts";
import { modelApiEnvironment } from "../model-api.ts";
import { clientLabel, type Instance, metadata, type PlannedService, selector, serviceAccount } from "./instance.ts";
import { LOGIN_VARIABLES, loginSecretName } from "./mlflow-logins.ts";
import { secretFile, settingsFiles, variables } from "./mounted.ts";
import { ingress, METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import type { DatabasePlace, ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { replicas } from "./replicas.ts";
import { type Judge, rolloutManifests } from "./rollout.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { addressOf, hasTls as isSecured, TLS_FILES } from "./tls.ts";

const HOME = homeOf("mlops");
const SETTINGS = "/etc/bucketworks/settings";
const CA = "/etc/bucketworks/ca";
const KEYS_FILE = "jwks.json";
const DATABASE_CA = "/etc/bucketworks/database-ca";
const LOGIN = ["PG_HOST", "PG_PORT", "PG_USER", "PG_PASSWORD", "PG_DATABASE", "PGSSLMODE"];
/** What a key is handed over as. */
const KEY = Object.keys(keyVariables({ endpoint: "http://server", region: "", accessKey: "", secretKey: "" }));

export interface ModelApiParts {
  readonly image: string;
  /** Whose tokens it takes. */
  readonly tokens: NonNullable<ServicePlace["settings"]["tokens"]>;
  /** The platform's MLflow, which says which version it serves. */
  readonly registry: { readonly instance: Instance; readonly settings: Mlflow };
  readonly experiments: readonly Experiment[];
  /** Keeps what comes of the experiments. */
  readonly database: DatabasePlace;
  /** Who judges new pods; undefined where nobody does. */
  readonly prometheus: Judge | undefined;
}

/**
 * A platform's model API: replicas behind one Service, as many as their processors need. Nobody waits for them in an update:
 * they are ready once a version of the model has the alias.
 */
export function modelApi(
  instance: Instance & { readonly platform: string },
  asked: NonNullable<Services["modelApi"]>,
  parts: ModelApiParts,
  place: ServicePlace,
): PlannedService {
  const { server } = place;
  const { image, tokens, registry, database } = parts;
  // Without experiments it has no login, and no way to the database.
  const role = parts.experiments.length > 0 ? roleName(instance.platform, EXPERIMENT_ROLES.records) : undefined;
  const { rollout } = asked;
  const map = metadata(instance, place, "settings");
  const asksForLogin = registry.settings.auth;
  const isAddress = tokens.jwks.startsWith("https://");
  const keys = isAddress ? {} : { [KEYS_FILE]: tokens.jwks };
  const template = podTemplate(
    instance,
    {
      image,
      user: USER,
      command: ["model-api", "serve"],
      env: variables(environment(instance, asked, parts, place), {
        [keySecretName(asked.serviceAccount)]: KEY,
        ...(asksForLogin && { [loginSecretName(registry.instance, OWN_LOGINS.modelApi)]: LOGIN_VARIABLES }),
        ...(role !== undefined && { [roleSecretName(role)]: LOGIN }),
      }),
      health: { live: "/health/live", ready: "/health/ready" },
      cpu: asked.cpu,
      memory: asked.memory,
      files: [
        ...(isAddress ? [] : [settingsFiles(SETTINGS, map.name)]),
        ...(hasTls(server) ? [secretFile("ca", CA, caSecretName(server), "ca.crt")] : []),
        ...(role === undefined || database.caSecret === undefined
          ? []
          : [secretFile("database-ca", DATABASE_CA, database.caSecret, "ca.crt")]),
      ],
      scratch: { [HOME]: "1Gi" },
      clientOf: { ...STORE_CLIENT, ...(role !== undefined && DATABASE_CLIENT), ...clientLabel(registry.instance) },
      settings: Object.values(keys),
      graceSeconds: 40,
    },
    place,
  );
  const traffic = {
    from: [METRICS_CLIENT],
    platform: instance.platform,
    to: [
      { pods: store(server), port: S3_PORT },
      { pods: selector(registry.instance), port: registry.instance.port },
      ...(role === undefined ? [] : [{ pods: database.pods, port: database.port }]),
    ],
    outside: isAddress ? [Number(new URL(tokens.jwks).port || 443)] : [],
  };
  const manifests: Manifest[] = [
    serviceAccount(instance, place),
    ...(isAddress ? [] : [{ apiVersion: "v1" as const, kind: "ConfigMap" as const, metadata: map, data: keys }]),
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...ingress(instance, place),
    ...serviceMonitor(instance, place),
    ...replicas(instance, template, { ...asked.replicas, awaited: false, rolledOut: rollout !== null }, place),
    ...(rollout === null ? [] : rolloutManifests(instance, rollout, asked.replicas.max, parts.prometheus, place)),
  ];
  const needs: PlannedService["needs"] = {
    key: asked.serviceAccount,
    ...(asksForLogin && { readsLogins: true }),
    ...(role !== undefined && { login: role }),
  };
  return { instance, manifests, needs };
}

function environment(
  { port, platform }: Instance & { readonly platform: string },
  asked: NonNullable<Services["modelApi"]>,
  { tokens, registry, experiments, database }: ModelApiParts,
  place: ServicePlace,
): Record<string, string> {
  const { server, store } = place;
  const ca = `${CA}/ca.crt`;
  const key = { ...store, accessKey: "", secretKey: "" };
  return {
    ...modelApiEnvironment(asked, registry.settings, {
      ...{ platform, key, registry: addressOf(registry.instance, place) },
      experiments: experiments.length > 0 ? { asked: experiments, login: {} } : undefined,
    }),
    ...(experiments.length > 0 && { RECORDS_FOLDER: `${HOME}/records` }),
    ...(experiments.length > 0 && database.caSecret !== undefined && { PGSSLROOTCERT: `${DATABASE_CA}/ca.crt` }),
    ...(isSecured(place) && {
      MLFLOW_TRACKING_SERVER_CERT_PATH: TLS_FILES.authority,
      TLS_CERTIFICATE_FILE: TLS_FILES.certificate,
      TLS_KEY_FILE: TLS_FILES.key,
    }),
    HOST: "0.0.0.0",
    PORT: String(port),
    MODEL_CACHE: `${HOME}/model`,
    JWT_JWKS: tokens.jwks.startsWith("https://") ? tokens.jwks : `${SETTINGS}/${KEYS_FILE}`,
    JWT_ISSUER: tokens.issuer,
    JWT_AUDIENCE: tokens.audience,
    JWT_ROLES_CLAIM: tokens.rolesClaim,
    ...(hasTls(server) && { BUCKETWORKS_CA_FILE: ca, AWS_CA_BUNDLE: ca }),
    HOME,
    TMPDIR: HOME,
  };
}
