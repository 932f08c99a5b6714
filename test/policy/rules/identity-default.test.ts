import { identityDefault } from "../../../policy/rules/identity-default.ts";
import { VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(identityDefault, VALID_STACK, {
  keeps: {},
  breaks: {
    "MinIO's own": {
      facts: { users: ["p-job", "MinioAdmin"] },
      wrong: [{ subject: { kind: "user", name: "MinioAdmin" }, wrong: "is a well-known access key" }],
    },
  },
});
