import { bucketRetention } from "../../../policy/rules/bucket-retention.ts";
import type { LifecycleRule } from "../../../provider/bucket-types.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

function early(ID: string, Filter: LifecycleRule["Filter"]): LifecycleRule {
  return { ID, Status: "Enabled", Filter, Expiration: { Days: 1 } };
}

describeRule(bucketRetention, VALID_BUCKET, {
  keeps: {
    "checkpoints beside models": {
      facts: {
        tags: { data_type: "models" },
        declared: declared({ retentionDays: undefined }),
        lifecycle: [early("checkpoints", { Prefix: "checkpoints/" })],
      },
    },
    "another word of similar letters": { facts: { tags: { data_type: "audio" } } },
    "a layer that reads like another kind, below a tag that says the kind": {
      facts: {
        tags: { data_type: "models" },
        declared: declared({ layer: "backup", retentionDays: 400 }),
      },
    },
    "a cache of a kind without limits of its own": { facts: { lifecycle: [early("cache", { Prefix: "cache/" })] } },
    "a rule for a prefix that is disabled": {
      facts: {
        tags: { data_type: "audit" },
        lifecycle: [{ ...early("x", { Prefix: "x/" }), Status: "Disabled" }],
        declared: declared({ retentionDays: 365 }),
      },
    },
    "the floor": { facts: { declared: declared({ retentionDays: 30 }) } },
    "the ceiling": { facts: { declared: declared({ retentionDays: 1095 }) } },
    "models for ever": { facts: { tags: { data_type: "models" }, declared: declared({ retentionDays: undefined }) } },
    "a layer whose data is kept for ever, whatever its case": {
      facts: { tags: {}, declared: declared({ layer: "MODELS", retentionDays: undefined }) },
    },
    "limits of a layer of one's own": {
      facts: { declared: declared({ retentionDays: 7 }) },
      options: { limits: { L0: { floor: 7, ceiling: 7 } } },
    },
    "no limit at all": { facts: { declared: declared({ retentionDays: 1 }) }, options: { limits: { "*": {} } } },
  },
  breaks: {
    "a kind that is misspelt, and so has no floor of its own": {
      facts: { tags: { data_type: "audits" }, declared: declared({ retentionDays: 30 }) },
      wrong: ["holds audits, which has no limits: did you mean audit?"],
    },
    "a letter left out of a short word": {
      facts: { tags: { data_type: "audt" } },
      wrong: ["holds audt, which has no limits: did you mean audit?"],
    },
    "letters that changed places in a short word": {
      facts: { tags: { data_type: "aduit" } },
      wrong: ["holds aduit, which has no limits: did you mean audit?"],
    },
    "a letter too many": {
      facts: { tags: { data_type: "backuups" } },
      wrong: ["holds backuups, which has no limits: did you mean backups?"],
    },
    "letters that changed places": {
      facts: { tags: { data_type: "modles" }, declared: declared({ retentionDays: 30 }) },
      wrong: ["holds modles, which has no limits: did you mean models?"],
    },
    "another separator": {
      facts: { tags: { data_type: "training-data" }, declared: declared({ retentionDays: 30 }) },
      wrong: ["holds training-data, which has no limits: did you mean training_data?"],
    },
    "rules for prefixes that expire what is due for longer": {
      facts: {
        tags: { data_type: "audit" },
        declared: declared({ retentionDays: 365 }),
        lifecycle: [early("a", { Prefix: "a" }), early("b", { Prefix: "b" })],
      },
      wrong: [
        "expires objects below a after 1 days, at least 365 are required for audit in l0",
        "expires objects below b after 1 days, at least 365 are required for audit in l0",
      ],
    },
    "a rule for a tag that does": {
      facts: {
        tags: { data_type: "backups" },
        declared: declared({ retentionDays: undefined }),
        lifecycle: [early("old", { Tags: { state: "old" } })],
      },
      wrong: ["expires objects of rule old after 1 days, at least 30 are required for backups in l0"],
    },
    "a rule for a prefix that does on a date": {
      facts: {
        tags: { data_type: "backups" },
        declared: declared({ retentionDays: undefined }),
        lifecycle: [{ ...early("x", { Prefix: "x/" }), Expiration: { Date: "2027-01-01T00:00:00Z" } }],
      },
      wrong: ["expires objects below x/ on 2027-01-01T00:00:00Z, at least 30 are required for backups in l0"],
    },
    "no retention": {
      facts: { declared: declared({ retentionDays: undefined }) },
      wrong: ["declares no retention, and market_data in l0 isn't kept for ever"],
    },
    "below the floor": {
      facts: { declared: declared({ retentionDays: 29 }) },
      wrong: ["keeps its data 29 days, at least 30 are required for market_data in l0"],
    },
    "above the ceiling": {
      facts: { declared: declared({ retentionDays: 1096 }) },
      wrong: ["keeps its data 1096 days, at most 1095 are allowed for market_data in l0"],
    },
    "the tag says more than the layer": {
      facts: { tags: { data_type: "audit" }, declared: declared({ layer: "models", retentionDays: 364 }) },
      wrong: ["keeps its data 364 days, at least 365 are required for audit in models"],
    },
    "nothing tells what it holds": {
      facts: { tags: {}, declared: declared({ layer: undefined, retentionDays: undefined }) },
      wrong: ["declares no retention and has no data_type tag; set one, or retention_days"],
    },
  },
});
