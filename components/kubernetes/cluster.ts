import { createHash } from "node:crypto";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { authoritySecret, hasTls, S3_PORT } from "../../builders/minio/manifest.ts";
import { authoritySecret as databaseAuthority } from "../../builders/postgres/kubernetes/manifest.ts";
import type { WorkloadPlace } from "../../builders/workloads/place.ts";
import { defaults } from "../../config/defaults.ts";
import { platformText } from "../../config/document/platform-files.ts";
import type { Platform, ResolvedModel, Workload } from "../../config/model.ts";
import { formatSettingFault, setCommand } from "../../config/stack/fault.ts";
import type { ClusterSettings, Settings } from "../../config/stack/settings.ts";

import type { Databases } from "../databases.ts";
import type { PlatformImages } from "../images.ts";
import type { Server } from "../server.ts";
import type { StoragePlatform } from "../storage/platform.ts";
import { clusterServer } from "./cluster-server.ts";
import { PlatformWorkloads } from "./workloads.ts";

const PLATFORMS = "config/platforms";

/** The cluster of a stack whose target it is. */
export interface Cluster {
  readonly server: Server;
  readonly provider: Provider;
  /** Of the kubeconfig; undefined is the current one. */
  readonly context: string | undefined;
  /** The namespace of the object store, and what has made it. */
  readonly namespace: string;
  readonly ready: pulumi.Resource;
  /** In which `bucketworks` runs; undefined where the stack has none. */
  readonly workloadsImage: pulumi.Input<string> | undefined;
  /** The object store as programs inside the cluster find it. */
  readonly store: { readonly endpoint: string; readonly region: string; readonly caSecret: string | undefined };
  /**
   * Starts the workloads of a platform whose buckets are there.
   * @param databases what those that log in to a database wait for, and their logins
   */
  readonly run: (platform: Platform, storage: StoragePlatform, databases: Databases | undefined) => void;
}

/** @param images that this stack builds */
export function clusterOf(
  settings: Settings,
  cluster: ClusterSettings,
  model: ResolvedModel,
  images: PlatformImages["references"],
): Cluster {
  const { server, provider, deployment } = clusterServer(settings, cluster, model, images.minio);
  const { exportedServiceAccounts } = cluster;
  const region = settings.region ?? defaults.region;
  const image = images.workloads ?? cluster.workloadsImage;
  refuseUnknown(exportedServiceAccounts, model);
  const database = databaseBeside(settings, cluster);
  const withoutDatabase = settings.postgres?.kind === "deployed" ? "databaseBeside" : "database";
  const lacks = ({ image: own, databaseRole }: Workload): keyof typeof LACKING | undefined => {
    if (own === null && image === undefined) return "image";
    return databaseRole !== null && database === undefined ? withoutDatabase : undefined;
  };
  const workloads = model.platforms.flatMap((platform) => platform.workloads);
  for (const what of ["image", withoutDatabase] as const) {
    const idle = workloads.filter((each) => lacks(each) === what);
    warnOfIdle(idle, what);
  }
  const run: Cluster["run"] = (platform, storage, databases) => {
    const able = platform.workloads.filter((each) => lacks(each) === undefined);
    const config = able.some((each) => each.config !== null) ? platformText(PLATFORMS, platform.name) : "";
    const ofPlatform = platform.access.serviceAccounts.map(({ name }) => name);
    const args = {
      place: { ...placeOf(platform, settings.stage, cluster, config), databaseCaSecret: database?.caSecret, image },
      workloads: able,
      exportedServiceAccounts: exportedServiceAccounts.filter((each) => ofPlatform.includes(each)),
      checksums: cluster.keyChecksums,
      config,
      credentials: storage.credentials,
      region,
      provider,
      ready: storage,
      migrated: databases?.deployment,
      logins: databases?.outputs.credentials,
    };
    if (args.workloads.length + args.exportedServiceAccounts.length > 0) new PlatformWorkloads(platform.name, args);
  };
  const { server: endpoint, caSecret } = inside(cluster);
  const store = { endpoint, region, caSecret };
  const { namespace } = cluster.server;
  return {
    server,
    provider,
    context: cluster.context,
    namespace,
    ready: deployment,
    workloadsImage: image,
    store,
    run,
  };
}

function placeOf(
  platform: Platform,
  stage: string,
  cluster: ClusterSettings,
  config: string,
): Omit<WorkloadPlace, "image" | "databaseCaSecret"> {
  const { namespace, imagePullSecret } = cluster.server;
  return {
    platform: platform.name,
    configDigest: createHash("sha256").update(config).digest("hex").slice(0, 16),
    namespace,
    stage,
    imagePullSecret,
    ...inside(cluster),
  };
}

/** Where programs of the cluster find the object store. */
function inside({ server }: ClusterSettings): Pick<WorkloadPlace, "server" | "caSecret"> {
  const { namespace, service, clusterDomain } = server;
  return {
    server: `${hasTls(server) ? "https" : "http"}://${service}.${namespace}.svc.${clusterDomain}:${S3_PORT}`,
    caSecret: hasTls(server) ? authoritySecret(server) : undefined,
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

/** The database server of the stack, where its Secrets lie beside the workloads. */
function databaseBeside(
  { postgres }: Settings,
  { server }: ClusterSettings,
): { readonly caSecret: string | undefined } | undefined {
  if (postgres === undefined || postgres.kind === "local") return undefined;
  if (postgres.server.namespace !== server.namespace) return undefined;
  return { caSecret: databaseAuthority(postgres.server) };
}

/** What a workload may lack, and what to do about it. */
const LACKING = {
  image: {
    message: "has no image for workloads",
    fix: [
      "build images/workloads (docs/images.md), then ",
      setCommand("bucketworks:workloadsImage REGISTRY/workloads:TAG"),
    ],
  },
  database: {
    message: "deploys no PostgreSQL",
    fix: [setCommand("--path bucketworks:postgres.kind statefulset"), " (docs/postgres.md)"],
  },
  databaseBeside: {
    message:
      "deploys PostgreSQL in another namespace than theirs (bucketworks:postgres.namespace), where no Secret reaches them",
    fix: ["let programs of that namespace do it, or deploy PostgreSQL beside MinIO in a stack of its own"],
  },
} as const;

/** Nothing says more plainly that programs are missing than what a preview prints. */
function warnOfIdle(idle: readonly Workload[], lacking: keyof typeof LACKING): void {
  if (idle.length === 0) return;
  const names = idle.map(({ name }) => name).join(", ");
  const { message, fix } = LACKING[lacking];
  const fault = { message: `${names}: not deployed, the stack ${message}`, fix };
  pulumi.log.warn(formatSettingFault(fault, pulumi.getStack()));
}
