import { KubeConfig } from "@kubernetes/client-node";
import { kubeconfigFault } from "../../config/stack/kubeconfig-fault.ts";

/**
 * The kubeconfig that kubectl would take, at the stack's context.
 * @throws where there is none, or no such context
 */
export function kubeConfig(context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new Error(kubeconfigFault(error));
  }
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      throw new Error(
        `the kubeconfig has no context ${context} (bucketworks:context), it has ${known.join(", ") || "none"}`,
      );
    }
    config.setCurrentContext(context);
  }
  if (config.getCurrentCluster() === null) throw new Error("there is no kubeconfig; set KUBECONFIG to one");
  return config;
}
