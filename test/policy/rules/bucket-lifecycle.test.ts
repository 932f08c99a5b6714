import { bucketLifecycle } from "../../../policy/rules/bucket-lifecycle.ts";
import type { LifecycleRule } from "../../../provider/bucket-types.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const expiring = (days: number, more: Partial<LifecycleRule> = {}): LifecycleRule => ({
  ID: `after-${days}`,
  Status: "Enabled",
  Filter: {},
  Expiration: { Days: days },
  ...more,
});

describeRule(bucketLifecycle, VALID_BUCKET, {
  keeps: {
    "kept for ever, with no expiry": { facts: { lifecycle: [], declared: declared({ retentionDays: undefined }) } },
    "a prefix that expires earlier": {
      facts: { lifecycle: [expiring(90), expiring(7, { Filter: { Prefix: "_cache/" } })] },
    },
  },
  breaks: {
    "another age": {
      facts: { lifecycle: [expiring(30)] },
      wrong: ["expires all objects after 30 days, declared is 90 days"],
    },
    "no rule": { facts: { lifecycle: [] }, wrong: ["declares 90 days of retention, and no enabled rule expires them"] },
    "a rule that is off": {
      facts: { lifecycle: [expiring(90, { Status: "Disabled" })] },
      wrong: ["declares 90 days of retention, and no enabled rule expires them"],
    },
    "a rule that nobody declared": {
      facts: { declared: declared({ retentionDays: undefined }) },
      wrong: ["expires all objects after 90 days, declared is no retention"],
    },
    "a day on which everything goes": {
      facts: { lifecycle: [expiring(90), { ...expiring(1), Expiration: { Date: "2030-01-01T00:00:00Z" } }] },
      wrong: ["expires all objects on 2030-01-01T00:00:00Z, declared is 90 days"],
    },
  },
});
