import * as pulumi from "@pulumi/pulumi";
import { ROLLOUT_GROUP } from "../../../builders/services/kubernetes/rollout.ts";
import type { Platform } from "../../../config/model.ts";
import { requireGroup } from "../require-group.ts";

/**
 * Makes sure that rollouts which platforms ask for can act: the cluster has Argo Rollouts, and who judges has metrics to ask for.
 * @param hasPrometheus whether the stack deploys one
 * @throws pulumi.RunError with what to do
 */
export async function requireRollouts(
  platforms: readonly Platform[],
  context: string | undefined,
  hasPrometheus: boolean,
): Promise<void> {
  const asking = platforms.flatMap(({ name, services: { modelApi } }) =>
    modelApi?.rollout ? [{ name, judged: modelApi.rollout.analysis !== null }] : [],
  );
  if (asking.length === 0) return;
  const names = asking.map(({ name }) => name).join(", ");
  const judged = asking.filter((each) => each.judged).map(({ name }) => name);
  if (judged.length > 0 && !hasPrometheus)
    throw new pulumi.RunError(
      `${judged.join(", ")}: rollout.analysis of model_api asks the stack's own Prometheus, and the stack deploys none; ` +
        "remove analysis, or let the stack deploy Prometheus (docs/services-on-kubernetes.md)",
    );
  await requireGroup(
    ROLLOUT_GROUP,
    context,
    `install Argo Rollouts, which model_api of ${names} asks for (docs/rollouts.md), or write strategy: rolling`,
  );
}
