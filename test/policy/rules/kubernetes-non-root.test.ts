import { kubernetesNonRoot } from "../../../policy/rules/kubernetes-non-root.ts";
import { VALID_SECURITY, VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesNonRoot, VALID_WORKLOAD, {
  keeps: {
    "a user that the image says": {
      facts: { security: [{ container: "app", ...VALID_SECURITY, runAsUser: undefined }] },
    },
  },
  breaks: {
    "nothing said": {
      facts: { security: [{ container: "app", ...VALID_SECURITY, runAsNonRoot: undefined }] },
      wrong: ["lets container app run as root"],
    },
    "user 0": {
      facts: { security: [{ container: "app", ...VALID_SECURITY, runAsUser: 0 }] },
      wrong: ["runs container app as user 0"],
    },
    "one container among several": {
      facts: {
        security: [
          { container: "app", ...VALID_SECURITY },
          { container: "sidecar", ...VALID_SECURITY, runAsNonRoot: false },
        ],
      },
      wrong: ["lets container sidecar run as root"],
    },
  },
});
