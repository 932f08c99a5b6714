import { kubernetesProbes } from "../../../policy/rules/kubernetes-probes.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesProbes, VALID_WORKLOAD, {
  keeps: { "a workload that comes to an end": { facts: { probes: [] } } },
  breaks: {
    neither: {
      facts: { probes: [{ container: "app", readiness: false, liveness: false }] },
      wrong: ["has no readinessProbe and no livenessProbe for container app"],
    },
    "no liveness of one container": {
      facts: {
        probes: [
          { container: "app", readiness: true, liveness: true },
          { container: "sidecar", readiness: true, liveness: false },
        ],
      },
      wrong: ["has no livenessProbe for container sidecar"],
    },
  },
});
