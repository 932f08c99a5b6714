import { ApisApi, KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { kubeconfigFault } from "../../config/stack/kubeconfig-fault.ts";

/**
 * Makes sure that a cluster has the kinds of an operator, before anything is made for it. A cluster that doesn't answer is
 * told by the provider, which has better words for it.
 * @throws pulumi.RunError with what to do
 */
export async function requireGroup(group: string, context: string | undefined, fix: string): Promise<void> {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new Error(kubeconfigFault(error));
  }
  if (context !== undefined) config.setCurrentContext(context);
  const found = await config
    .makeApiClient(ApisApi)
    .getAPIVersions()
    .catch(() => undefined);
  if (found === undefined || found.groups.some(({ name }) => name === group)) return;
  throw new pulumi.RunError(`the cluster has no kinds of ${group}: ${fix}`);
}
