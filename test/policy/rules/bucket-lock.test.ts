import { bucketLock } from "../../../policy/rules/bucket-lock.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketLock, VALID_BUCKET, {
  keeps: {
    "locked as long as it is kept": { facts: { objectLock: { mode: "GOVERNANCE", days: 90 } } },
    "kept for ever": {
      facts: { objectLock: { mode: "COMPLIANCE", years: 5 }, declared: declared({ retentionDays: undefined }) },
    },
  },
  breaks: {
    "a day longer": {
      facts: { objectLock: { mode: "GOVERNANCE", days: 91 } },
      wrong: ["locks objects for 91 days and keeps them 90"],
    },
    "a year": {
      facts: { objectLock: { mode: "COMPLIANCE", years: 1 } },
      wrong: ["locks objects for 365 days and keeps them 90"],
    },
  },
});
