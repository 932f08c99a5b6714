import * as pulumi from "@pulumi/pulumi";
import { caSecretName, POSTGRES_PORT, selector, serverHost } from "../../../builders/postgres/kubernetes/manifest.ts";
import { sharedServices } from "../../../builders/services/declared.ts";
import type { DashboardFiles } from "../../../builders/services/kubernetes/dashboard-maps.ts";
import type { MlflowLogins, PlannedService } from "../../../builders/services/kubernetes/instance.ts";
import { LOGIN, loginData } from "../../../builders/services/kubernetes/login.ts";
import { mlflowLoginSecrets } from "../../../builders/services/kubernetes/mlflow-logins.ts";
import type { ServicePlace } from "../../../builders/services/kubernetes/place.ts";
import { ownPrometheus, type Planned, plannedServices } from "../../../builders/services/kubernetes/planned.ts";
import { tlsSecretName } from "../../../builders/services/kubernetes/tls.ts";
import type { KnownServices } from "../../../builders/workloads/workload-metadata.ts";
import type { Platform } from "../../../config/model.ts";
import type { PostgresSettings } from "../../../config/stack/settings.ts";
import { METRICS_ROLE } from "../../../config/values/database-names.ts";
import type { Databases } from "../../databases.ts";
import type { CredentialOutput } from "../../outputs.ts";
import type { Cluster } from "../cluster.ts";
import { inputText } from "../input-text.ts";
import { receiversFile } from "./receivers.ts";
import { requireRollouts } from "./rollouts.ts";
import { type ServiceArgs, ServiceDeployment } from "./service-deployment.ts";
import { warnOfIdle, warnOfPlain, warnOfUnset } from "./warnings.ts";

/** Tells the pods with which receivers, key and logins they run. */
const MARKS = {
  receivers: "bucketworks.io/receivers",
  key: "bucketworks.io/key",
  login: "bucketworks.io/login",
  servicesKey: "bucketworks.io/services-key",
};

/** The services that the platforms ask for, where the stack deploys them. What the stack lacks for one is warned of. */
export async function servicesOf(
  cluster: Cluster,
  postgres: PostgresSettings | undefined,
  platforms: readonly Platform[],
  stage: string,
): Promise<readonly PlannedService[]> {
  const { settings, store, mlflowImage, workloadsImage, programImages } = cluster;
  const { services, server, servicesKey } = settings;
  if (services?.deploy !== true) {
    warnOfUnset(platforms);
    return [];
  }
  await requireRollouts(platforms, settings.context, ownPrometheus(services, server, platforms));
  const { mlops } = programImages;
  const images = {
    ...(mlflowImage !== undefined && { "mlflow-server": inputText(mlflowImage) }),
    ...(mlops !== undefined && { mlops: inputText(mlops) }),
    ...(workloadsImage !== undefined && { workloads: inputText(workloadsImage) }),
  };
  const beside = postgres?.kind === "deployed" && postgres.server.namespace === server.namespace;
  const database = beside
    ? {
        host: serverHost(postgres.server),
        pods: selector(postgres.server),
        port: POSTGRES_PORT,
        caSecret: caSecretName(postgres.server),
        hasMetricsRole: postgres.server.kind === "statefulset",
      }
    : undefined;
  const place: ServicePlace = { server, store, settings: services };
  const parts = { images, database, hasKey: servicesKey !== undefined, dashboards: await dashboardsFor(platforms) };
  const planned: Planned = plannedServices(platforms, parts, place);
  warnOfIdle(planned.idle);
  warnOfPlain(planned.services, services, stage);
  return planned.services;
}

/** Secret with the `ca.crt` by which programs of the cluster know the services; undefined where they speak plain HTTP. */
export function knownServices(
  { settings: { server, services } }: Cluster,
  [first]: readonly PlannedService[],
): KnownServices | undefined {
  if (services === undefined || services.tls.from === "none" || first === undefined) return undefined;
  const domain = `${server.namespace}.svc.${server.clusterDomain}`;
  return { caSecret: tlsSecretName(first.instance, { settings: services }), domain };
}

/** Types and builders of Grafana's are large: others don't wait for them. */
async function dashboardsFor(platforms: readonly Platform[]): Promise<DashboardFiles | undefined> {
  if (sharedServices(platforms).grafana === null) return undefined;
  return (await import("../../../builders/services/dashboards/dashboards.ts")).dashboardFiles();
}

export interface StartServicesArgs {
  readonly services: readonly PlannedService[];
  readonly cluster: Cluster;
  readonly platforms: readonly Platform[];
  /** What has made the Secrets with keys, by platform. */
  readonly keys: ReadonlyMap<string, pulumi.Resource>;
  /** Of the stack, by service account. */
  readonly credentials: pulumi.Output<Record<string, CredentialOutput>>;
  readonly databases: Databases | undefined;
}

export function startServices(args: StartServicesArgs): void {
  const { services, cluster } = args;
  const { provider, settings } = cluster;
  for (const service of services) {
    const { name } = service.instance;
    const readyWithin = settings.server.readyWithin;
    new ServiceDeployment(name, { service, provider, readyWithin, ...given(service, args) });
  }
}

function given(
  { instance, needs }: PlannedService,
  { cluster, platforms, keys, credentials, databases }: StartServicesArgs,
): Pick<ServiceArgs, "secrets" | "marks" | "ready"> {
  const { ready, metrics, settings } = cluster;
  const { metricsToken, receivers, key, login, metricsLogin, ownLogin, mlflowLogins, readsLogins } = needs;
  const { servicesKey = "" } = settings;
  const reading = metricsLogin && databases?.metricsPassword;
  const file = receivers && receiversFile(platforms, settings.alerts);
  const logins = login !== undefined && databases?.outputs.credentials;
  const first = [
    ready,
    metricsToken && metrics,
    instance.platform !== null && keys.get(instance.platform),
    (login ?? metricsLogin) !== undefined && databases?.deployment,
  ];
  return {
    secrets: [
      ...(receivers && file ? [{ metadata: receivers, data: file }] : []),
      ...(metricsLogin && reading ? [{ metadata: metricsLogin, data: reading.apply(metricsRoleLogin) }] : []),
      ...(ownLogin ? [{ metadata: ownLogin.metadata, data: loginOf(ownLogin, servicesKey) }] : []),
      ...(mlflowLogins ? loginSecretsOf(mlflowLogins, servicesKey) : []),
    ],
    marks: {
      ...(file && { [MARKS.receivers]: pulumi.jsonStringify(file) }),
      ...(key !== undefined && { [MARKS.key]: credentials.apply((all) => all[key]?.secretKey ?? "") }),
      ...(reading && { [MARKS.login]: reading }),
      ...(readsLogins && { [MARKS.servicesKey]: servicesKey }),
      ...(logins && { [MARKS.login]: logins.apply((all) => all[login]?.password ?? "") }),
    },
    ready: first.filter((each) => pulumi.Resource.isInstance(each)),
  };
}

function metricsRoleLogin(password: string): Record<string, string> {
  return { [LOGIN.user]: METRICS_ROLE, [LOGIN.password]: password };
}

function loginOf(
  { metadata: { name }, user }: NonNullable<PlannedService["needs"]["ownLogin"]>,
  key: pulumi.Input<string>,
): pulumi.Output<Record<string, string>> {
  return pulumi.secret(pulumi.output(key).apply((text) => loginData(text, name, user)));
}

/** Which there are is known; what they hold follows from the key. */
function loginSecretsOf(logins: MlflowLogins, key: pulumi.Input<string>): ServiceArgs["secrets"] {
  const made = pulumi.secret(pulumi.output(key).apply((text) => mlflowLoginSecrets(text, logins)));
  return [logins.server, ...Object.values(logins.each)].map((metadata) => ({
    metadata,
    data: made.apply((all) => ({ ...all.find((each) => each.metadata.name === metadata.name)?.data })),
  }));
}
