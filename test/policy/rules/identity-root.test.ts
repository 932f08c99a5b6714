import { identityRoot } from "../../../policy/rules/identity-root.ts";
import { VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(identityRoot, VALID_STACK, {
  keeps: {},
  breaks: {
    "a user and its account deploy": {
      facts: { deployers: ["p-job"] },
      wrong: [
        { subject: { kind: "user", name: "p-job" }, wrong: "is the identity that deploys" },
        { subject: { kind: "service account", name: "p-job-key" }, wrong: "acts for the identity that deploys" },
      ],
    },
  },
});
