import * as pulumi from "@pulumi/pulumi";
import type { ResolvedModel } from "../config/model.ts";
import type { Credentials } from "../config/spec.ts";
import type { Settings } from "../config/stack/settings.ts";
import { knownResources } from "./identity/known-resources.ts";
import { movesOf, underFormerNames } from "./identity/moves.ts";
import { merged, type StackOutputs } from "./outputs.ts";
import { externalServer } from "./server.ts";
import { StoragePlatform } from "./storage/platform.ts";

/**
 * Everything of a stack, in the order in which one part needs another: images, the server, buckets and identities of
 * each platform, databases, workloads. What a stack doesn't ask for isn't loaded.
 * @param fallback credentials of `minio_config`
 */
export async function deployStack(
  settings: Settings,
  model: ResolvedModel,
  fallback: Credentials | null,
): Promise<StackOutputs> {
  const { stage, ownBuckets, newSecretFor, postgres } = settings;
  if (settings.cluster) await (await import("./kubernetes/keep-store.ts")).keepStore(settings.cluster);
  const images = settings.images && (await import("./images.ts")).platformImages(settings.images);
  const cluster =
    settings.cluster &&
    (await import("./kubernetes/cluster.ts")).clusterOf(settings, settings.cluster, model, images?.references ?? {});
  const server = cluster?.server ?? externalServer(settings, model, fallback);
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const moved = underFormerNames(movesOf(knownResources(settings.env, stack), model));
  const storage = model.platforms.map((platform) => ({
    platform,
    made: new StoragePlatform(platform.name, { platform, stage, server, ownBuckets, newSecretFor }, moved),
  }));
  const credentials = merged(storage.map(({ made }) => made.credentials));
  const databases =
    postgres && (await (await import("./databases.ts")).databasesOf(postgres, model, cluster, credentials));
  for (const { platform, made } of storage) cluster?.run(platform, made, databases);
  return {
    stage,
    endpoint: server.url,
    buckets: merged(storage.map(({ made }) => made.buckets)),
    credentials,
    ...(images && { images: images.references }),
    ...(databases && { databases: databases.outputs }),
  };
}
