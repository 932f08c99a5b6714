import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { hasIdentities, needsOf } from "../../builders/needs.ts";
import { ownPrometheus } from "../../builders/services/kubernetes/planned.ts";
import { defaults } from "../../config/defaults.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { targetNames } from "../../config/stack/notification-targets.ts";
import type { ClusterSettings, Settings } from "../../config/stack/settings.ts";
import { type Server, serverAt } from "../server-providers.ts";
import { MinioDeployment } from "./minio-deployment.ts";
import { Monitoring } from "./monitoring.ts";

/**
 * The MinIO that this stack deploys. Where it is isn't known before it runs: a first preview dials nobody, the first
 * update makes the buckets once it is ready.
 * @param image of the server, by digest, where this stack builds it
 */
export function clusterServer(
  settings: Settings,
  cluster: ClusterSettings,
  model: ResolvedModel,
  image: pulumi.Output<string> | undefined,
): { server: Server; provider: Provider; deployment: pulumi.Resource; metrics: pulumi.Resource | undefined } {
  const { endpoint, credentials: root } = settings;
  if (endpoint === undefined || root === undefined) throw new pulumi.RunError("the stack has no user to deploy with");
  const { server, context, kmsKey, auditToken, notificationTargets, notificationSecrets } = cluster;
  const isRead = server.monitoring || ownPrometheus(cluster.services, server, model.platforms);
  const provider = new Provider("kubernetes", context === undefined ? {} : { context }, {
    transforms: [omitKubeconfig],
  });
  const deployment = new MinioDeployment(server.name, {
    server,
    region: settings.region,
    root,
    kmsKey,
    auditToken,
    notificationTargets,
    notificationSecrets,
    image,
    provider,
  });
  const access = {
    endpoint: deployment.running.apply(() => endpoint),
    secure: settings.secure ?? true,
    region: settings.region ?? defaults.region,
    caFile: settings.caFile,
    ...root,
  };
  const made = serverAt(
    access,
    { needs: needsOf(model, targetNames(notificationTargets)), identities: isRead || hasIdentities(model), model },
    { dependsOn: deployment },
  );
  const metrics =
    isRead && made.identities !== undefined
      ? new Monitoring(server.name, { server, platforms: model.platforms, identities: made.identities, provider })
      : undefined;
  return { server: made, provider, deployment, metrics };
}

/** The SDK writes the path of this machine's kubeconfig into the state; every machine and day has its own KUBECONFIG. */
const omitKubeconfig: pulumi.ResourceTransform = async ({ props, opts }) => {
  const { kubeconfig: _, ...rest } = props;
  return { props: rest, opts };
};
