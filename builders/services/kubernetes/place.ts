import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { MinioServer } from "../../../config/minio-server/schema.ts";

/** The database server of a stack, where its Secrets lie beside the services. */
export interface DatabasePlace {
  readonly host: string;
  /** Chooses its pods. */
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
  /** Secret whose `ca.crt` is the CA of its certificate; undefined without TLS. */
  readonly caSecret: string | undefined;
  /** Whether it makes a role that reads its statistics, where somebody asks for that. */
  readonly hasMetricsRole: boolean;
}

/** Where the services of a stack run, and what they find there. */
export interface ServicePlace {
  /** The object store, in whose namespace they run. */
  readonly server: MinioServer;
  /** URL of the S3 API inside the cluster, and its region. */
  readonly store: { readonly endpoint: string; readonly region: string };
  readonly settings: ClusterServices;
}

/** Host name under which clients inside the cluster find what is called `name`. */
export function hostOf(
  name: string,
  { server }: { readonly server: Pick<MinioServer, "namespace" | "clusterDomain"> },
): string {
  return `${name}.${server.namespace}.svc.${server.clusterDomain}`;
}

/** URL under which a browser reaches it from outside; undefined where it has no host. */
export function outsideUrl(name: string, { settings }: ServicePlace): string | undefined {
  const { hosts = {}, tlsSecret } = settings.ingress ?? {};
  const host = hosts[name];
  return host && `${tlsSecret === undefined ? "http" : "https"}://${host}`;
}
