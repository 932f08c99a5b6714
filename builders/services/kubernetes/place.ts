import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { MinioServer } from "../../../config/minio-server/schema.ts";

/** Where the services of a stack run, and what they find there. */
export interface ServicePlace {
  /** The object store, in whose namespace they run. */
  readonly server: MinioServer;
  readonly settings: ClusterServices;
}

/** Host name under which clients inside the cluster find what is called `name`. */
export function hostOf(name: string, { server }: ServicePlace): string {
  return `${name}.${server.namespace}.svc.${server.clusterDomain}`;
}
