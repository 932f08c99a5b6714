import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { MinioServer } from "../../../config/minio-server/schema.ts";
import type { PostgresServer } from "../../../config/postgres-server/schema.ts";

/** Where the services of a stack run, and what they find there. */
export interface ServicePlace {
  readonly stage: string;
  /** The object store, in whose namespace they run. */
  readonly server: MinioServer;
  /** URL of its S3 API inside the cluster. */
  readonly store: string;
  /** The database server in the same namespace; undefined where there is none. */
  readonly database: PostgresServer | undefined;
  readonly settings: ClusterServices;
}

/** Host name under which clients inside the cluster find what is called `name`. */
export function hostOf(name: string, { server }: ServicePlace): string {
  return `${name}.${server.namespace}.svc.${server.clusterDomain}`;
}
