import { bucketQuota } from "../../../policy/rules/bucket-quota.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketQuota, VALID_BUCKET, {
  keeps: { "the ceiling itself": { options: { ceiling: 2 ** 40 } } },
  breaks: {
    none: { facts: { quota: undefined }, wrong: ["has no quota"] },
    "more than the house allows": {
      options: { ceiling: 2 ** 30 },
      wrong: ["has a quota of 1 TiB, at most 1 GiB are allowed"],
    },
  },
});
