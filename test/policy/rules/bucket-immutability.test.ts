import { bucketImmutability } from "../../../policy/rules/bucket-immutability.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const immutable = { data_type: "raw", immutable: "true" };

describeRule(bucketImmutability, VALID_BUCKET, {
  keeps: {
    "a lock with a default retention": {
      facts: { tags: immutable, objectLock: { mode: "GOVERNANCE", days: 30 } },
    },
    "declared not to be": { facts: { tags: { immutable: "false" } } },
    "declared not to be, in other words": { facts: { tags: { Immutable: "No" } } },
  },
  breaks: {
    "no lock": { facts: { tags: immutable }, wrong: ["is tagged immutable and has no object lock"] },
    "a lock that locks nothing by itself": {
      facts: { tags: immutable, objectLock: {} },
      wrong: ["is tagged immutable, and its object lock has no default retention"],
    },
    "a tag in another case": {
      facts: { tags: { Immutable: "true" } },
      wrong: ["is tagged immutable and has no object lock"],
    },
    yes: { facts: { tags: { immutable: "yes" } }, wrong: ["is tagged immutable and has no object lock"] },
    "a one": { facts: { tags: { IMMUTABLE: "1" } }, wrong: ["is tagged immutable and has no object lock"] },
    "a denial beside it, in another case": {
      facts: { tags: { immutable: "false", Immutable: "yes" } },
      wrong: ["is tagged immutable and has no object lock"],
    },
    "no value": { facts: { tags: { immutable: "" } }, wrong: ["is tagged immutable and has no object lock"] },
    "a yes in another language": {
      facts: { tags: { immutable: "ja" } },
      wrong: ["is tagged immutable and has no object lock"],
    },
    "the house's own tag": {
      facts: { tags: { worm: "TRUE" } },
      options: { tag: "worm" },
      wrong: ["is tagged worm and has no object lock"],
    },
  },
});
