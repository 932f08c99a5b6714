import { bucketNoncurrent } from "../../../policy/rules/bucket-noncurrent.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketNoncurrent, VALID_BUCKET, {
  keeps: { "no versions": { facts: { versioning: false, lifecycle: [] } } },
  breaks: {
    "no rule for versions": {
      facts: { lifecycle: [] },
      wrong: ["has versioning, and no enabled rule expires its noncurrent versions"],
    },
    "a rule for one prefix only": {
      facts: {
        lifecycle: [
          {
            ID: "some",
            Status: "Enabled",
            Filter: { Prefix: "models/" },
            NoncurrentVersionExpiration: { NoncurrentDays: 10 },
          },
        ],
      },
      wrong: ["has versioning, and no enabled rule expires its noncurrent versions"],
    },
    "longer than allowed": {
      options: { ceiling: 7 },
      wrong: ["keeps noncurrent versions 30 days, at most 7 are allowed"],
    },
  },
});
