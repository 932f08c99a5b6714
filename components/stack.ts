import * as pulumi from "@pulumi/pulumi";
import { keptPlatform } from "../builders/kept-model.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { Credentials } from "../config/spec.ts";
import type { Settings } from "../config/stack/settings.ts";
import { knownResources } from "./identity/known-resources.ts";
import { movesOf, underFormerNames } from "./identity/moves.ts";
import { previousKeys } from "./identity/previous-keys.ts";
import { keptModels } from "./kept-models.ts";
import { merged, type StackOutputs } from "./outputs.ts";
import { externalServer } from "./server-providers.ts";
import { StoragePlatform } from "./storage/platform.ts";
import { tiersOf } from "./storage/tiers.ts";

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
  const { stage, platformsDir, ownBuckets, newSecretFor, endedKeys, keysAlone, postgres, remotes, backupTargets } =
    settings;
  if (settings.cluster) await (await import("./kubernetes/minio-volumes.ts")).refuseOtherVolumes(settings.cluster);
  const images = settings.images && (await import("./images.ts")).platformImages(settings.images);
  const cluster =
    settings.cluster &&
    (await import("./kubernetes/cluster.ts")).clusterOf(settings, settings.cluster, model, images?.references ?? {});
  const server = cluster?.server ?? externalServer(settings, model, fallback);
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const moved = underFormerNames(movesOf(knownResources(settings.env, stack), model));
  const previous = await previousKeys(settings.env, stack, model, endedKeys);
  const before = keysAlone === undefined ? undefined : await keptModels(settings.env, stack, keysAlone);
  const tiers = tiersOf(settings.tiers, server);
  const platforms = model.platforms.map((platform) => {
    const kept = before === undefined ? keptPlatform(model, platform) : before.get(platform.name);
    const args = { platform, stage, server, tiers, remotes, ownBuckets, newSecretFor, previous, kept };
    return { platform, storage: new StoragePlatform(platform.name, args, moved) };
  });
  const credentials = merged(platforms.map(({ storage }) => storage.credentials));
  const databases =
    postgres && (await (await import("./databases.ts")).databasesOf(postgres, model, cluster, credentials));
  if (cluster !== undefined) {
    const { startWorkloads } = await import("./kubernetes/start-workloads.ts");
    const { knownServices, servicesOf, startServices } = await import("./kubernetes/services/start-services.ts");
    const services = await servicesOf(cluster, postgres, model.platforms, stage);
    const serviceKeys = services.flatMap(({ needs }) => needs.key ?? []);
    const keys = startWorkloads({
      cluster,
      stage,
      platformsDir,
      postgres,
      backupTargets,
      platforms,
      databases,
      serviceKeys,
      services: knownServices(cluster, services),
    });
    startServices({ services, cluster, platforms: model.platforms, keys, credentials, databases });
  }
  return {
    stage,
    endpoint: server.url,
    buckets: merged(platforms.map(({ storage }) => storage.buckets)),
    credentials,
    ...(previous.size > 0 && { previousKeys: merged(platforms.map(({ storage }) => storage.previousKeys)) }),
    ...(images && { images: images.references }),
    ...(databases && { databases: databases.outputs }),
  };
}
