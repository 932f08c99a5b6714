import { identityBuiltinPolicy } from "../../../policy/rules/identity-builtin-policy.ts";
import { VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(identityBuiltinPolicy, VALID_STACK, {
  keeps: { "nobody has any": { facts: { attachments: [] } } },
  breaks: {
    "an administrator": {
      facts: { attachments: [{ holder: "user", name: "ana", policy: "consoleAdmin" }] },
      wrong: [{ subject: { kind: "user", name: "ana" }, wrong: "has the server's own policy consoleAdmin" }],
    },
    "a group that writes everywhere": {
      facts: { attachments: [{ holder: "group", name: "p-readers", policy: "readwrite" }] },
      wrong: [{ subject: { kind: "group", name: "p-readers" }, wrong: "has the server's own policy readwrite" }],
    },
  },
});
