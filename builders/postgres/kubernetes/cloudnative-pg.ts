import type { SeveralPostgres } from "../../../config/postgres-server/schema.ts";
import { OWNER_ROLE } from "../../../config/values/database-names.ts";
import type { Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { CLIENT_LABEL as STORE_CLIENT } from "../../minio/manifest.ts";
import { hostAccess } from "../configuration.ts";
import type { DatabasePlan } from "../database-plan.ts";
import { MAINTENANCE_DATABASE } from "../passwords.ts";
import { type BackupStore, clusterPlugins, objectStore, scheduledBackup } from "./barman-plugin.ts";
import {
  labels,
  metadata,
  namespaceManifest,
  networkPolicies,
  POSTGRES_PORT,
  selector,
  serverHost,
} from "./manifest.ts";

const API = "postgresql.cnpg.io/v1";
/** The operator looks again at what it was given when a Secret with this label changes. */
export const RELOADED = { "cnpg.io/reload": "true" } as const;
/** Where the operator asks a pod how it is, and where Prometheus finds metrics. */
const STATUS_PORT = 8000;
const METRICS_PORT = 9187;

/** A cluster of servers that CloudNativePG runs: its CRDs must be there. */
export function severalServers(
  server: SeveralPostgres,
  plan: DatabasePlan,
  store: BackupStore | undefined,
): Manifest[] {
  const between = {
    from: [{ podSelector: { matchLabels: selector(server) } }],
    ports: [POSTGRES_PORT, STATUS_PORT].map((port) => ({ port, protocol: "TCP" })),
  };
  const operator = {
    from: [{ namespaceSelector: {}, podSelector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } } }],
    ports: [STATUS_PORT, POSTGRES_PORT].map((port) => ({ port, protocol: "TCP" })),
  };
  const metrics = {
    from: [{ namespaceSelector: {}, podSelector: { matchLabels: { "bucketworks.io/metrics-client": "true" } } }],
    ports: [{ port: METRICS_PORT, protocol: "TCP" }],
  };
  return [
    ...namespaceManifest(server),
    ...objectStore(server, store),
    ...networkPolicies(server, [between, operator, ...(server.monitoring ? [metrics] : [])]),
    cluster(server, plan, store),
    ...(store === undefined ? [] : scheduledBackup(server)),
    ...(server.monitoring ? [podMonitor(server)] : []),
  ];
}

function cluster(server: SeveralPostgres, plan: DatabasePlan, store: BackupStore | undefined): ManifestOf<"Cluster"> {
  const { name, image, instances, synchronous, size, storageClass, cpu, memory, imagePullSecret } = server;
  return {
    apiVersion: API,
    kind: "Cluster",
    metadata: metadata(server),
    spec: {
      instances,
      imageName: image,
      ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      ...(store !== undefined && { inheritedMetadata: { labels: STORE_CLIENT } }),
      storage: { size, ...(storageClass !== undefined && { storageClass }) },
      resources: { requests: { cpu, memory }, limits: { memory } },
      enableSuperuserAccess: false,
      bootstrap: {
        initdb: {
          database: "app",
          owner: "app",
          dataChecksums: true,
          encoding: "UTF8",
          postInitSQL: postInitStatements(),
        },
      },
      postgresql: {
        // The operator's own rules for itself and its replicas come before these.
        pg_hba: accessOverNetwork(plan),
        parameters: {
          password_encryption: "scram-sha-256",
          timezone: "UTC",
          log_timezone: "UTC",
          log_statement: "none",
        },
        ...(synchronous > 0 && { synchronous: { method: "any", number: synchronous, dataDurability: "required" } }),
      },
      managed: {
        roles: [
          {
            name: OWNER_ROLE,
            ensure: "present",
            login: true,
            superuser: false,
            createdb: true,
            createrole: true,
            replication: false,
            bypassrls: false,
            passwordSecret: { name: `${name}-owner` },
          },
        ],
        services: {
          additional: [
            {
              selectorType: "rw",
              updateStrategy: "patch",
              serviceTemplate: { metadata: { name, labels: labels(server) }, spec: { type: "ClusterIP" } },
            },
          ],
        },
      },
      certificates: { serverAltDNSNames: [name, `${name}.${server.namespace}`, serverHost(server)] },
      affinity: {
        enablePodAntiAffinity: true,
        topologyKey: "kubernetes.io/hostname",
        podAntiAffinityType: "preferred",
      },
      primaryUpdateStrategy: "unsupervised",
      ...(store !== undefined && { plugins: clusterPlugins(server) }),
    },
  };
}

/**
 * The operator's streaming_replica is made later and is nobody in particular: in the maintenance database a server that
 * lost its place rewinds and copies slots, so it keeps the CONNECT that everybody has. pg_hba.conf keeps the others out.
 */
function postInitStatements(): string[] {
  return [
    `CREATE ROLE ${OWNER_ROLE}`,
    `REVOKE TEMPORARY ON DATABASE ${MAINTENANCE_DATABASE} FROM PUBLIC`,
    "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
  ];
}

/** Lines for the network alone: the operator's pods have a socket of their own. */
function accessOverNetwork(plan: DatabasePlan): string[] {
  const lines = hostAccess(plan, { tls: true, superusers: [] }).trim().split("\n");
  return lines.filter((line) => line.startsWith("host"));
}

function podMonitor(server: SeveralPostgres): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { ...metadata(server), labels: { ...labels(server), ...server.monitoringLabels } },
    spec: { selector: { matchLabels: selector(server) }, podMetricsEndpoints: [{ port: "metrics" }] },
  };
}
