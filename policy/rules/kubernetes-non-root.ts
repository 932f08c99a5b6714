import { cisKubernetes } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesNonRoot = workloadRule({
  name: "kubernetes-non-root",
  description: "no container runs as root",
  severity: "high",
  topic: "hardening",
  framework: cisKubernetes("5.2.7"),
  remedy: "set securityContext.runAsNonRoot: true of the pod, and a runAsUser other than 0 where the image has none",
  needs: ["security"],
  judge: ({ security }) =>
    security.flatMap(({ container, runAsNonRoot, runAsUser }) => {
      if (runAsUser === 0) return [`runs container ${container} as user 0`];
      return runAsNonRoot === true ? [] : [`lets container ${container} run as root`];
    }),
});
