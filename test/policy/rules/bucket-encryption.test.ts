import { bucketEncryption } from "../../../policy/rules/bucket-encryption.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketEncryption, VALID_BUCKET, {
  keeps: { "a key of the house": { facts: { encryption: { algorithm: "aws:kms", keyId: "house" } } } },
  breaks: { none: { facts: { encryption: undefined }, wrong: ["has no default encryption"] } },
});
