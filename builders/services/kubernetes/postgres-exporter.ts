import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { MinioServer } from "../../../config/minio-server/schema.ts";
import type { Platform, Services } from "../../../config/model.ts";
import type { PostgresServer } from "../../../config/postgres-server/schema.ts";
import { METRICS_ROLE } from "../../../config/values/database-names.ts";
import { CLIENT_LABEL as DATABASE_CLIENT } from "../../postgres/kubernetes/manifest.ts";
import { MAINTENANCE_DATABASE } from "../../postgres/passwords.ts";
import { sharedServices } from "../declared.ts";
import { type PlannedService, serviceAccount } from "./instance.ts";
import { LOGIN, loginSecret, passwordFile } from "./login.ts";
import { secretFile } from "./mounted.ts";
import { METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import type { DatabasePlace, ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { replicas } from "./replicas.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { webConfig } from "./tls.ts";

/** nobody of the official image. */
const USER = 65_534;
const FOLDER = "/etc/bucketworks/login";
const CA = "/etc/bucketworks/database-ca";

/**
 * Whether a stack's exporter reads its database server, which then makes the role for it. An operator's clusters have metrics of
 * their own.
 */
export function isDatabaseRead(
  services: ClusterServices | undefined,
  { namespace }: MinioServer,
  postgres: PostgresServer,
  platforms: readonly Platform[],
): boolean {
  const isBeside = postgres.kind === "statefulset" && postgres.namespace === namespace;
  return services?.deploy === true && isBeside && sharedServices(platforms).postgresExporter !== null;
}

/** Tells of the database server, as a role that sees statistics and no table. */
export function postgresExporter(
  { port }: NonNullable<Services["postgresExporter"]>,
  { host, port: databasePort, pods, caSecret }: DatabasePlace,
  place: ServicePlace,
): PlannedService {
  const instance = { name: "postgres-exporter", platform: null, port };
  const login = loginSecret(instance, place);
  const web = webConfig(instance, place);
  const security = caSecret === undefined ? "sslmode=disable" : `sslmode=verify-full&sslrootcert=${CA}/ca.crt`;
  const template = podTemplate(
    instance,
    {
      image: place.settings.images.postgresExporter,
      user: USER,
      args: [`--web.listen-address=:${port}`, ...web.args],
      env: [
        { name: "DATA_SOURCE_URI", value: `${host}:${databasePort}/${MAINTENANCE_DATABASE}?${security}` },
        { name: "DATA_SOURCE_USER", value: METRICS_ROLE },
        { name: "DATA_SOURCE_PASS_FILE", value: `${FOLDER}/${LOGIN.password}` },
      ],
      health: { live: "/", ready: "/" },
      cpu: "50m",
      memory: "64Mi",
      files: [
        passwordFile("login", FOLDER, login),
        ...(caSecret === undefined ? [] : [secretFile("database-ca", CA, caSecret, "ca.crt")]),
        ...web.files,
      ],
      clientOf: DATABASE_CLIENT,
    },
    place,
  );
  const traffic = { from: [METRICS_CLIENT], to: [{ pods, port: databasePort }] };
  const manifests = [
    serviceAccount(instance, place),
    ...web.manifests,
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...serviceMonitor(instance, place),
    ...replicas(instance, template, { min: 1, max: 1, awaited: true }, place),
  ];
  return { instance, manifests, needs: { metricsLogin: login } };
}
