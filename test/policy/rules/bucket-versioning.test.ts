import { bucketVersioning } from "../../../policy/rules/bucket-versioning.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(bucketVersioning, VALID_BUCKET, {
  keeps: {
    "data that can be made again": {
      facts: { versioning: false, tags: { data_type: "predictions" }, declared: declared({ layer: "L5" }) },
    },
    "a kind that isn't on the house's list": { facts: { versioning: false }, options: { kinds: ["models"] } },
  },
  breaks: {
    "raw data by its layer": { facts: { versioning: false }, wrong: ["holds l0 and isn't versioned"] },
    "models by their tag": {
      facts: { versioning: false, tags: { data_type: "models" }, declared: declared({ layer: undefined }) },
      wrong: ["holds models and isn't versioned"],
    },
    "backups, misspelt": {
      facts: { versioning: false, tags: { data_type: "bakcups" }, declared: declared({ layer: "common" }) },
      wrong: ["holds bakcups and isn't versioned: did you mean backups?"],
    },
    "audit logs, misspelt": {
      facts: { versioning: false, tags: { data_type: "audits" }, declared: declared({ layer: "common" }) },
      wrong: ["holds audits and isn't versioned: did you mean audit?"],
    },
    "backups of any layer": {
      facts: { versioning: false, tags: { data_type: "backups" }, declared: declared({ layer: "common" }) },
      wrong: ["holds backups and isn't versioned"],
    },
  },
});
