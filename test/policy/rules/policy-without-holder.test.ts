import { policyWithoutHolder } from "../../../policy/rules/policy-without-holder.ts";
import { allowing, VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const both = allowing(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::market-data-raw/*", "arn:aws:s3:::other/*"]);
const account = { name: "p-job-key", user: "p-job" };

describeRule(policyWithoutHolder, VALID_STACK, {
  keeps: {
    "a group has it, whose people join it by hand": {
      facts: { attachments: [{ holder: "group", name: "p-empty", policy: "p-reader" }], serviceAccounts: [] },
    },
    "a group with a member has it": {
      options: { members: "declared" },
      facts: { attachments: [{ holder: "group", name: "p-readers", policy: "p-reader" }], serviceAccounts: [] },
    },
    "a service account alone has it, merged with another one": {
      facts: { attachments: [], serviceAccounts: [{ ...account, document: both }] },
    },
  },
  breaks: {
    "nobody has it": {
      facts: { attachments: [], serviceAccounts: [] },
      wrong: [{ subject: { kind: "policy", name: "p-reader" }, wrong: "is held by nobody" }],
    },
    "a group has it, and nobody is in the group": {
      options: { members: "declared" },
      facts: { attachments: [{ holder: "group", name: "p-empty", policy: "p-reader" }], serviceAccounts: [] },
      wrong: [{ subject: { kind: "policy", name: "p-reader" }, wrong: "is held by nobody" }],
    },
    "two groups have it, and both are empty": {
      options: { members: "declared" },
      facts: {
        attachments: [
          { holder: "group", name: "p-empty", policy: "p-reader" },
          { holder: "group", name: "p-none", policy: "p-reader" },
        ],
        serviceAccounts: [],
      },
      wrong: [{ subject: { kind: "policy", name: "p-reader" }, wrong: "is held by nobody" }],
    },
    "a service account has a part of it": {
      facts: {
        attachments: [],
        policies: [{ name: "p-writer", document: both }],
      },
      wrong: [{ subject: { kind: "policy", name: "p-writer" }, wrong: "is held by nobody" }],
    },
  },
});
