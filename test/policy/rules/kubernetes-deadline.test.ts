import { kubernetesDeadline } from "../../../policy/rules/kubernetes-deadline.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesDeadline, VALID_WORKLOAD, {
  keeps: { "a Job with a deadline": { facts: { end: { expected: true, deadline: 600 } } } },
  breaks: {
    "a Job without": {
      facts: { end: { expected: true, deadline: undefined } },
      wrong: ["may run for ever: it has no activeDeadlineSeconds"],
    },
  },
});
