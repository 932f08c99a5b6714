import { kubernetesServiceAccountToken } from "../../../policy/rules/kubernetes-service-account-token.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesServiceAccountToken, VALID_WORKLOAD, {
  keeps: {
    "one on the list": {
      facts: { token: { automount: undefined, projected: false } },
      options: { allowed: ["mlops/app"] },
    },
  },
  breaks: {
    "nothing said": {
      facts: { token: { automount: undefined, projected: false } },
      options: { allowed: ["mlops/other"] },
      wrong: ["mounts a token of its service account"],
    },
    "one mounted as a volume": {
      facts: { token: { automount: false, projected: true } },
      wrong: ["mounts a token of its service account"],
    },
  },
});
