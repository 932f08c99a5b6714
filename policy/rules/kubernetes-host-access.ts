import { cisKubernetes } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesHostAccess = workloadRule({
  name: "kubernetes-host-access",
  description: "no pod shares file system, network, processes or ports with its node",
  severity: "critical",
  topic: "hardening",
  framework: cisKubernetes("5.2.11"),
  remedy: "use a volume claim in place of hostPath, and a Service in place of the node's network and ports",
  needs: ["host"],
  judge: ({ host: { namespaces, paths, ports } }) => [
    ...namespaces.map((each) => `shares namespaces of its node (${each})`),
    ...paths.map((path) => `mounts ${path} of its node`),
    ...ports.map(({ container, port }) => `takes port ${port} of its node for container ${container}`),
  ],
});
