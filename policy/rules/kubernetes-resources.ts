import { nsa } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesResources = workloadRule({
  name: "kubernetes-resources",
  description: "every container asks for processor and memory, and has a limit of memory: none starves its node",
  severity: "medium",
  topic: "availability",
  framework: nsa("Resource policies"),
  remedy: "set resources of the container: requests.cpu, requests.memory and limits.memory",
  note: "Kubernetes takes a limit for the request where only the limit is set, and so does the rule",
  needs: ["resources"],
  judge: ({ resources }) =>
    resources.flatMap(({ container, requests, limits }) => {
      const asked = { ...limits, ...requests };
      const missing = [
        ...(asked.cpu === undefined ? ["requests.cpu"] : []),
        ...(asked.memory === undefined ? ["requests.memory"] : []),
        ...(limits.memory === undefined ? ["limits.memory"] : []),
      ];
      return missing.length === 0 ? [] : [`sets no ${missing.join(", ")} for container ${container}`];
    }),
});
