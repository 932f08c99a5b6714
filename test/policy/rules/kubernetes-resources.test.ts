import { kubernetesResources } from "../../../policy/rules/kubernetes-resources.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesResources, VALID_WORKLOAD, {
  keeps: {
    "limits alone, which are requests too": {
      facts: { resources: [{ container: "app", requests: {}, limits: { cpu: "1", memory: "1Gi" } }] },
    },
  },
  breaks: {
    nothing: {
      facts: { resources: [{ container: "app", requests: {}, limits: {} }] },
      wrong: ["sets no requests.cpu, requests.memory, limits.memory for container app"],
    },
    "no limit of memory": {
      facts: { resources: [{ container: "app", requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1" } }] },
      wrong: ["sets no limits.memory for container app"],
    },
  },
});
