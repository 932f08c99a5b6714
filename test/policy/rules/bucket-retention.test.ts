import { bucketRetention } from "../../../policy/rules/bucket-retention.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketRetention, VALID_BUCKET, {
  keeps: {
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
