import { z } from "zod";
import { cisKubernetes } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesServiceAccountToken = workloadRule({
  name: "kubernetes-service-account-token",
  description: "no pod holds a key to the API server unless its workload is on the list",
  severity: "high",
  topic: "access",
  framework: cisKubernetes("5.1.6"),
  remedy:
    "set automountServiceAccountToken: false of the pod, or put NAMESPACE/NAME on the list allowed in the pack's configuration",
  note: "what the ServiceAccount says doesn't count: another resource may change it",
  needs: ["place", "token"],
  options: {
    allowed: z
      .array(z.string())
      .default([])
      .meta({ description: "workloads that talk to the API server: namespace/name" }),
  },
  judge: ({ place, token: { automount, projected } }, { allowed }) =>
    (automount === false && !projected) || allowed.includes(place) ? [] : ["mounts a token of its service account"],
});
