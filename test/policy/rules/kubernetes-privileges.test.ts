import { kubernetesPrivileges } from "../../../policy/rules/kubernetes-privileges.ts";
import { VALID_SECURITY, VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesPrivileges, VALID_WORKLOAD, {
  keeps: {
    "a port below 1024": {
      facts: { security: [{ container: "app", ...VALID_SECURITY, add: ["NET_BIND_SERVICE"] }] },
    },
    "a seccomp profile of the house": {
      facts: { security: [{ container: "app", ...VALID_SECURITY, seccomp: "Localhost" }] },
    },
  },
  breaks: {
    "nothing said": {
      facts: {
        security: [
          { container: "app", ...VALID_SECURITY, allowPrivilegeEscalation: undefined, drop: [], seccomp: undefined },
        ],
      },
      wrong: [
        "gives container app more rights than it needs (allowPrivilegeEscalation isn't false, capabilities.drop lacks ALL, seccompProfile is not set)",
      ],
    },
    "everything given": {
      facts: {
        security: [
          {
            container: "app",
            ...VALID_SECURITY,
            privileged: true,
            add: ["SYS_ADMIN", "NET_RAW"],
            seccomp: "Unconfined",
          },
        ],
      },
      wrong: [
        "gives container app more rights than it needs (privileged, capabilities.add has SYS_ADMIN, NET_RAW, seccompProfile is Unconfined)",
      ],
    },
  },
});
