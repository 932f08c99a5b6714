import { cis } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesVolumeRetention = workloadRule({
  name: "kubernetes-volume-retention",
  description: "the volumes of a StatefulSet outlive it, and its pods",
  severity: "critical",
  topic: "protection",
  framework: cis("11.3"),
  remedy: "set persistentVolumeClaimRetentionPolicy to {whenDeleted: Retain, whenScaled: Retain}",
  note: "nothing said is Retain. The StatefulSet itself needs no protection of the engine: it holds no data, and another root password replaces it",
  needs: ["claims"],
  judge: ({ claims: { templates, whenDeleted, whenScaled } }) => {
    if (templates === 0) return [];
    return [
      ...(lost(whenDeleted) ? [`loses its volumes when it is deleted (whenDeleted is ${whenDeleted})`] : []),
      ...(lost(whenScaled) ? [`loses volumes when it is made smaller (whenScaled is ${whenScaled})`] : []),
    ];
  },
});

function lost(policy = "Retain"): boolean {
  return policy !== "Retain";
}
