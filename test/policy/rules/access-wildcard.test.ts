import { accessWildcard } from "../../../policy/rules/access-wildcard.ts";
import { allowing, VALID_GRANT } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const objects = "arn:aws:s3:::market-data-raw/*";

describeRule(accessWildcard, VALID_GRANT, {
  keeps: {
    "a pattern of keys in one bucket": { facts: { document: allowing("s3:GetObject", `${objects}/a?b*`) } },
    "scratch buckets of drills": {
      facts: { document: allowing("s3:DeleteBucket", "arn:aws:s3:::bucketworks-drill-*") },
    },
  },
  breaks: {
    "every action": { facts: { document: allowing("s3:*", objects) }, wrong: ["allows action s3:*"] },
    "many actions": { facts: { document: allowing("s3:Get*", objects) }, wrong: ["allows action s3:Get*"] },
    "every bucket": {
      facts: { document: allowing("s3:GetObject", ["*", "arn:aws:s3:::*"]) },
      wrong: ["allows resource *", "allows resource arn:aws:s3:::*"],
    },
    "many buckets": {
      facts: { document: allowing("s3:GetObject", "arn:aws:s3:::market-*/raw/x") },
      wrong: ["allows resource arn:aws:s3:::market-*/raw/x"],
    },
    "more than scratch buckets": {
      facts: { document: allowing("s3:DeleteBucket", "arn:aws:s3:::bucketworks-*") },
      wrong: ["allows resource arn:aws:s3:::bucketworks-*"],
    },
    "all but something": {
      facts: {
        document: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", NotAction: ["s3:DeleteObject"], NotResource: [objects] }],
        },
      },
      wrong: ["allows all actions but s3:DeleteObject", `allows all resources but ${objects}`],
    },
  },
});
