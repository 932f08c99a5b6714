import * as pulumi from "@pulumi/pulumi";
import { merged, type StackOutputs } from "./components/outputs.ts";
import { externalServer } from "./components/server.ts";
import { StoragePlatform } from "./components/storage/platform.ts";
import { readSettings } from "./config/settings.ts";
import { formatIssue, loadModel } from "./config/spec.ts";

const settings = readSettings();
const { stage, platforms, ownBuckets, postgres, env } = settings;

const loaded = loadModel({
  dir: "config/platforms",
  platforms,
  stage,
  env,
  use: { connection: settings.endpoint === undefined, credentials: settings.credentials === undefined },
});
if (!loaded.ok) throw new pulumi.RunError(loaded.issues.map(formatIssue).join("\n"));

const images = settings.images && (await import("./components/images.ts")).platformImages(settings.images);
const cluster =
  settings.cluster &&
  (await import("./components/kubernetes/cluster.ts")).clusterOf(
    settings,
    settings.cluster,
    loaded.model,
    images?.references ?? {},
  );
const server = cluster?.server ?? externalServer(settings, loaded.model, loaded.credentials);
const storage = loaded.model.platforms.map((platform) => {
  const made = new StoragePlatform(platform.name, { platform, stage, server, ownBuckets });
  cluster?.run(platform, made);
  return made;
});
const credentials = merged(storage.map((platform) => platform.credentials));
const databases =
  postgres &&
  (await (await import("./components/databases.ts")).databasesOf(postgres, loaded.model, cluster, credentials));

const outputs: StackOutputs = {
  stage,
  endpoint: server.url,
  buckets: merged(storage.map((platform) => platform.buckets)),
  credentials,
  ...(images && { images: images.references }),
  ...(databases && { databases }),
};

export default outputs;
