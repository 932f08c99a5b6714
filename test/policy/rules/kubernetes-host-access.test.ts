import { kubernetesHostAccess } from "../../../policy/rules/kubernetes-host-access.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesHostAccess, VALID_WORKLOAD, {
  keeps: {},
  breaks: {
    "everything shared": {
      facts: {
        host: {
          namespaces: ["hostNetwork", "hostPID"],
          paths: ["/var/run"],
          ports: [{ container: "app", port: 9100 }],
        },
      },
      wrong: [
        "shares namespaces of its node (hostNetwork)",
        "shares namespaces of its node (hostPID)",
        "mounts /var/run of its node",
        "takes port 9100 of its node for container app",
      ],
    },
  },
});
