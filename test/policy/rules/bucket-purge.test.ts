import { bucketPurge } from "../../../policy/rules/bucket-purge.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const purge = { declared: declared({ onDelete: "purge" }) };

describeRule(bucketPurge, VALID_BUCKET, {
  keeps: {
    "removal of an empty bucket": { facts: { declared: declared({ onDelete: "delete_if_empty" }) } },
    "the one bucket that shall end": { facts: purge, options: { allowed: ["market-data-raw"] } },
  },
  breaks: {
    "consent to be emptied": { facts: purge, wrong: ["has on_delete: purge"] },
    "consent for another one": { facts: purge, options: { allowed: ["market-data"] }, wrong: ["has on_delete: purge"] },
  },
});
