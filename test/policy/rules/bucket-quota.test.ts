import { bucketQuota } from "../../../policy/rules/bucket-quota.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketQuota, VALID_BUCKET, {
  keeps: {
    "the ceiling itself": { options: { ceiling: 2 ** 40 } },
    "the floor itself": { facts: { quota: 2 ** 20 } },
    "a floor of the house's own": { facts: { quota: 10 }, options: { floor: 10 } },
  },
  breaks: {
    none: { facts: { quota: undefined }, wrong: ["has no quota"] },
    "a byte": { facts: { quota: 1 }, wrong: ["has a quota of 1 B, at least 1 MiB are required"] },
    "a number that lost its unit": {
      facts: { quota: 500 },
      wrong: ["has a quota of 500 B, at least 1 MiB are required"],
    },
    "a byte less than the floor": {
      facts: { quota: 2 ** 20 - 1 },
      wrong: ["has a quota of 1048575 B, at least 1 MiB are required"],
    },
    "more than the house allows": {
      options: { ceiling: 2 ** 30 },
      wrong: ["has a quota of 1 TiB, at most 1 GiB are allowed"],
    },
  },
});
