import { kubernetesVolumeRetention } from "../../../policy/rules/kubernetes-volume-retention.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesVolumeRetention, VALID_WORKLOAD, {
  keeps: {
    "volumes with nothing said": { facts: { claims: { templates: 2, whenDeleted: undefined, whenScaled: undefined } } },
    "volumes that are kept": { facts: { claims: { templates: 1, whenDeleted: "Retain", whenScaled: "Retain" } } },
    "no volumes": { facts: { claims: { templates: 0, whenDeleted: "Delete", whenScaled: "Delete" } } },
  },
  breaks: {
    "both lost": {
      facts: { claims: { templates: 1, whenDeleted: "Delete", whenScaled: "Delete" } },
      wrong: [
        "loses its volumes when it is deleted (whenDeleted is Delete)",
        "loses volumes when it is made smaller (whenScaled is Delete)",
      ],
    },
  },
});
