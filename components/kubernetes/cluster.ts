import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { caSecretName, hasTls, S3_PORT } from "../../builders/minio/manifest.ts";
import { defaults } from "../../config/defaults.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { ClusterSettings, Settings } from "../../config/stack/settings.ts";
import { PROGRAM_IMAGES, type ProgramImage } from "../../config/values/image.ts";
import type { PlatformImages } from "../images.ts";
import type { Server } from "../server-providers.ts";
import { clusterServer } from "./cluster-server.ts";

/** The cluster of a stack whose target it is. */
export interface Cluster {
  readonly settings: ClusterSettings;
  readonly server: Server;
  readonly provider: Provider;
  /** What has made the namespace of the object store. */
  readonly ready: pulumi.Resource;
  /** What has made Prometheus's user on the object store; undefined where nothing reads its metrics. */
  readonly metrics: pulumi.Resource | undefined;
  /** In which `bucketworks` runs; undefined where the stack has none. */
  readonly workloadsImage: pulumi.Input<string> | undefined;
  /** Of the data programs for which the stack has one. */
  readonly programImages: Readonly<Partial<Record<ProgramImage, pulumi.Input<string>>>>;
  /** In which MLflow's server runs; undefined where the stack has none. */
  readonly mlflowImage: pulumi.Input<string> | undefined;
  /** That has Barman, where the stack builds it. */
  readonly backupImage: pulumi.Input<string> | undefined;
  /** The object store as programs inside the cluster find it. */
  readonly store: Store;
}

interface Store {
  /** URL of the S3 API. */
  readonly endpoint: string;
  readonly region: string;
  /** Secret whose `ca.crt` is the CA of its certificate; undefined without TLS. */
  readonly caSecret: string | undefined;
}

/** @param images that this stack builds */
export function clusterOf(
  settings: Settings,
  cluster: ClusterSettings,
  model: ResolvedModel,
  images: PlatformImages["references"],
): Cluster {
  refuseUnknown(cluster.exportedServiceAccounts, model);
  const { server, provider, deployment, metrics } = clusterServer(settings, cluster, model, images.minio);
  return {
    settings: cluster,
    server,
    provider,
    ready: deployment,
    metrics,
    workloadsImage: images.workloads ?? cluster.workloadsImage,
    backupImage: images["database-backup"],
    mlflowImage: images["mlflow-server"] ?? cluster.services?.images.mlflow,
    programImages: programImages(images, cluster.programImages),
    store: storeOf(cluster, settings.region ?? defaults.region),
  };
}

function programImages(
  built: PlatformImages["references"],
  named: ClusterSettings["programImages"],
): Cluster["programImages"] {
  const found = PROGRAM_IMAGES.flatMap((name) => {
    const image: pulumi.Input<string> | undefined = built[name] ?? named[name];
    return image === undefined ? [] : [[name, image]];
  });
  return Object.fromEntries(found);
}

function storeOf({ server }: ClusterSettings, region: string): Store {
  const { namespace, service, clusterDomain } = server;
  return {
    endpoint: `${hasTls(server) ? "https" : "http"}://${service}.${namespace}.svc.${clusterDomain}:${S3_PORT}`,
    region,
    caSecret: hasTls(server) ? caSecretName(server) : undefined,
  };
}

function refuseUnknown(exportedServiceAccounts: readonly string[], { platforms }: ResolvedModel): void {
  const known = platforms.flatMap(({ access }) => access.serviceAccounts.map(({ name }) => name));
  const unknown = exportedServiceAccounts.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const has = known.length === 0 ? "the stack's platforms have none" : `there are ${known.join(", ")}`;
  throw new pulumi.RunError(
    `bucketworks:exportedServiceAccounts names ${unknown.join(", ")}, which is no service account: ${has}; fix it in the stack's file`,
  );
}
