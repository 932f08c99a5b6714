import { bucketAnonymousWrite } from "../../../policy/rules/bucket-anonymous-write.ts";
import { allowing, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const objects = "arn:aws:s3:::market-data-raw/*";
const anyone = { Principal: { AWS: ["*"] } };

describeRule(bucketAnonymousWrite, VALID_BUCKET, {
  keeps: {
    "reading alone": { facts: { policy: allowing(["s3:GetObject", "s3:ListBucket"], objects, anyone) } },
    "a statement that denies": {
      facts: {
        policy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Action: "s3:PutObject", Resource: objects, ...anyone }],
        },
      },
    },
  },
  breaks: {
    putting: {
      facts: { policy: allowing(["s3:GetObject", "s3:PutObject"], objects, anyone) },
      wrong: ["lets anyone do s3:PutObject"],
    },
    "a wildcard that holds it": {
      facts: { policy: allowing("s3:*", objects, anyone) },
      wrong: ["lets anyone do s3:*"],
    },
    "a read that a wildcard widens": {
      facts: { policy: allowing("s3:Get*", objects, anyone) },
      wrong: ["lets anyone do s3:Get*"],
    },
    "all but something": {
      facts: {
        policy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", NotAction: "s3:DeleteBucket", Resource: objects, ...anyone }],
        },
      },
      wrong: ["lets anyone do all but s3:DeleteBucket"],
    },
  },
});
