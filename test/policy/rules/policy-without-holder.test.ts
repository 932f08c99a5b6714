import { policyWithoutHolder } from "../../../policy/rules/policy-without-holder.ts";
import { allowing, VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const both = allowing(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::market-data-raw/*", "arn:aws:s3:::other/*"]);
const account = { name: "p-job-key", user: "p-job" };

describeRule(policyWithoutHolder, VALID_STACK, {
  keeps: {
    "a service account alone has it, merged with another one": {
      facts: { attachments: [], serviceAccounts: [{ ...account, document: both }] },
    },
  },
  breaks: {
    "nobody has it": {
      facts: { attachments: [], serviceAccounts: [] },
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
