import type { SeveralPostgres } from "../../../config/postgres-server/schema.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { backupPrefix } from "../backup.ts";
import { metadata } from "./manifest.ts";

/** The plugin of CloudNativePG that runs Barman's programs; the operator's own support of them is at its end. */
const PLUGIN = "barman-cloud.cloudnative-pg.io";
/** API group of the plugin's ObjectStore. */
export const PLUGIN_GROUP = "barmancloud.cnpg.io";

/** Where backups go: the stack's own object store. */
export interface BackupStore {
  /** URL of the S3 API inside the cluster. */
  readonly endpoint: string;
  /** Secret with the key, as variables. */
  readonly keySecret: string;
  /** Secret whose `ca.crt` is the CA of the store's certificate; undefined without TLS. */
  readonly caSecret: string | undefined;
}

/** Has the plugin archive a cluster's log and make its base backups; nothing where it has no backups. */
export function clusterPlugins(server: SeveralPostgres): object[] {
  if (server.backup === undefined) return [];
  return [{ name: PLUGIN, isWALArchiver: true, parameters: { barmanObjectName: server.name } }];
}

/** The store as the plugin knows it, for what stands before the cluster. */
export function objectStore(server: SeveralPostgres, store: BackupStore | undefined): Manifest[] {
  if (server.backup === undefined || store === undefined) return [];
  const { bucket, retention } = server.backup;
  const { endpoint, keySecret, caSecret } = store;
  return [
    {
      apiVersion: "barmancloud.cnpg.io/v1",
      kind: "ObjectStore",
      metadata: metadata(server),
      spec: {
        retentionPolicy: retention,
        configuration: {
          destinationPath: `s3://${bucket}/${backupPrefix(server).replace(/\/$/, "")}`,
          endpointURL: endpoint,
          ...(caSecret !== undefined && { endpointCA: { name: caSecret, key: "ca.crt" } }),
          s3Credentials: {
            accessKeyId: { name: keySecret, key: "AWS_ACCESS_KEY_ID" },
            secretAccessKey: { name: keySecret, key: "AWS_SECRET_ACCESS_KEY" },
          },
          wal: { compression: "gzip" },
          data: { compression: "gzip" },
        },
      },
    },
  ];
}

/** Base backups by the clock, the first one at once. */
export function scheduledBackup(server: SeveralPostgres): Manifest[] {
  if (server.backup === undefined) return [];
  return [
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "ScheduledBackup",
      metadata: metadata(server),
      spec: {
        schedule: server.backup.schedule,
        backupOwnerReference: "self",
        cluster: { name: server.name },
        method: "plugin",
        pluginConfiguration: { name: PLUGIN },
        immediate: true,
      },
    },
  ];
}
