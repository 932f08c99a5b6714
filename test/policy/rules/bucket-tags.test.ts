import { bucketTags } from "../../../policy/rules/bucket-tags.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketTags, VALID_BUCKET, {
  keeps: { "no tag is required": { facts: { tags: {} }, options: { required: [] } } },
  breaks: {
    "no tag": { facts: { tags: {} }, wrong: ["lacks tag data_type"] },
    "an empty one": { facts: { tags: { data_type: "" } }, wrong: ["lacks tag data_type, which is empty"] },
    "each that is required": {
      options: { required: ["owner", "data_type", "cost_center"] },
      wrong: ["lacks tag owner", "lacks tag cost_center"],
    },
  },
});
