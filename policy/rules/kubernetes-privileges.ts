import type { Security } from "../facts/kubernetes.ts";
import { cisKubernetes } from "../frameworks.ts";
import { workloadRule } from "../rule.ts";

/** What Pod Security `restricted` lets a container add. */
const HARMLESS = "NET_BIND_SERVICE";
const PROFILES = ["RuntimeDefault", "Localhost"];

export const kubernetesPrivileges = workloadRule({
  name: "kubernetes-privileges",
  description:
    "no container can get rights over its node: no privilege escalation, no capabilities, system calls filtered",
  severity: "critical",
  topic: "hardening",
  framework: cisKubernetes("5.2.9"),
  remedy:
    'set securityContext of the container to {allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]}, seccompProfile: {type: RuntimeDefault}}',
  needs: ["security"],
  judge: ({ security }) =>
    security.flatMap(({ container, ...each }) => {
      const faults = faultsOf(each);
      return faults.length === 0
        ? []
        : [`gives container ${container} more rights than it needs (${faults.join(", ")})`];
    }),
});

function faultsOf({ privileged, allowPrivilegeEscalation, drop, add, seccomp }: Security): string[] {
  const added = add.filter((capability) => capability !== HARMLESS);
  return [
    ...(privileged === true ? ["privileged"] : []),
    ...(allowPrivilegeEscalation === false ? [] : ["allowPrivilegeEscalation isn't false"]),
    ...(drop.includes("ALL") ? [] : ["capabilities.drop lacks ALL"]),
    ...(added.length === 0 ? [] : [`capabilities.add has ${added.join(", ")}`]),
    ...(PROFILES.includes(seccomp ?? "") ? [] : [`seccompProfile is ${seccomp ?? "not set"}`]),
  ];
}
