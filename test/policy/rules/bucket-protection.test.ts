import { bucketProtection } from "../../../policy/rules/bucket-protection.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketProtection, VALID_BUCKET, {
  keeps: {},
  breaks: { unprotected: { facts: { protect: false }, wrong: ["isn't protected"] } },
});
