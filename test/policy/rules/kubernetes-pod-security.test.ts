import { kubernetesPodSecurity } from "../../../policy/rules/kubernetes-pod-security.ts";
import { VALID_NAMESPACE } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(kubernetesPodSecurity, VALID_NAMESPACE, {
  keeps: {},
  breaks: {
    none: { facts: { labels: {} }, wrong: ["enforces no Pod Security"] },
    "a weaker level": {
      facts: { labels: { "pod-security.kubernetes.io/enforce": "baseline" } },
      wrong: ["enforces Pod Security baseline, not restricted"],
    },
    "one that only warns": {
      facts: { labels: { "pod-security.kubernetes.io/warn": "restricted" } },
      wrong: ["enforces no Pod Security"],
    },
  },
});
