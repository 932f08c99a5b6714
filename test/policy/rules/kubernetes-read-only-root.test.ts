import { kubernetesReadOnlyRoot } from "../../../policy/rules/kubernetes-read-only-root.ts";
import { VALID_SECURITY, VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesReadOnlyRoot, VALID_WORKLOAD, {
  keeps: {},
  breaks: {
    "nothing said": {
      facts: { security: [{ container: "app", ...VALID_SECURITY, readOnlyRootFilesystem: undefined }] },
      wrong: ["lets container app change its root file system"],
    },
  },
});
