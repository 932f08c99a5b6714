import { nsa } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

export const kubernetesReadOnlyRoot = workloadRule({
  name: "kubernetes-read-only-root",
  description: "no container can change its own root file system: what it writes goes to volumes",
  severity: "medium",
  topic: "hardening",
  framework: nsa("Immutable container file systems"),
  remedy: "set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir where the program writes",
  needs: ["security"],
  judge: ({ security }) =>
    security
      .filter(({ readOnlyRootFilesystem }) => readOnlyRootFilesystem !== true)
      .map(({ container }) => `lets container ${container} change its root file system`),
});
