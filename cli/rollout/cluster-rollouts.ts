import type { CustomObjectsApi } from "@kubernetes/client-node";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readStackFile } from "../stack-file.ts";
import type { RolloutObject } from "./standing.ts";

const KIND = { group: "argoproj.io", version: "v1alpha1", plural: "rollouts" } as const;
/** What the stack's own have, and no one else's. */
const OURS = "app.kubernetes.io/managed-by=bucketworks";

/** The rollouts of a stack, in its namespace. */
export interface Rollouts {
  list(): Promise<readonly RolloutObject[]>;
  /** Writes into the status of one: that is how Argo Rollouts is told what a person wants. */
  tell(name: string, status: object): Promise<void>;
}

/** @throws CommandError where the stack has no cluster, or it refuses or doesn't answer */
export async function clusterRollouts(root: string, stack: string): Promise<Rollouts> {
  const { deployed } = readStackFile(root, stack);
  if (deployed === undefined) {
    const message = `rollout: stack ${stack} doesn't run on Kubernetes (bucketworks:target), and nothing rolls out elsewhere; name another one by --stack`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const { context, namespace } = deployed;
  // The client takes long to load: only who asks a cluster pays for it.
  const [client, { kubeConfig }, { reasonOf }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("../forward/config.ts"),
    import("../forward/listen.ts"),
  ]);
  const asked = async <T>(what: (api: CustomObjectsApi) => Promise<T>): Promise<T> => {
    try {
      return await what(kubeConfig(context).makeApiClient(client.CustomObjectsApi));
    } catch (error) {
      const fix = "it needs Argo Rollouts (docs/rollouts.md), and a person who may read and patch rollouts there";
      const message = `rollout: stack ${stack}, namespace ${namespace}: ${reasonOf(error)}; ${fix}`;
      throw new CommandError(message, EXIT.couldNotLook);
    }
  };
  return {
    async list() {
      const found = await asked((api) => api.listNamespacedCustomObject({ ...KIND, namespace, labelSelector: OURS }));
      return (found as { readonly items: readonly RolloutObject[] }).items;
    },
    async tell(name, status) {
      const merge = client.setHeaderOptions("Content-Type", client.PatchStrategy.MergePatch);
      const patch = { ...KIND, namespace, name, body: { status } };
      await asked((api) => api.patchNamespacedCustomObjectStatus(patch, merge));
    },
  };
}
