import { identityWithoutPolicy } from "../../../policy/rules/identity-without-policy.ts";
import { VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const nothing = "has no policy, neither of its own nor through a group";

describeRule(identityWithoutPolicy, VALID_STACK, {
  keeps: { "no users": { facts: { users: [], attachments: [], memberships: [] } } },
  breaks: {
    "nothing attached": {
      facts: { attachments: [], memberships: [] },
      wrong: [
        { subject: { kind: "user", name: "p-job" }, wrong: nothing },
        { subject: { kind: "user", name: "ana" }, wrong: nothing },
      ],
    },
    "a group that has nothing": {
      facts: { attachments: [{ holder: "user", name: "p-job", policy: "p-reader" }] },
      wrong: [{ subject: { kind: "user", name: "ana" }, wrong: nothing }],
    },
  },
});
