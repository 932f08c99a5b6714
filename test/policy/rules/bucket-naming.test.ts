import { bucketNaming } from "../../../policy/rules/bucket-naming.ts";
import { declared, VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const kebab = "isn't kebab-case: lower-case letters, digits and single dashes between them";
const prefix = "doesn't begin with a two-digit layer prefix, and its platform is layered (metadata.naming)";

describeRule(bucketNaming, VALID_BUCKET, {
  keeps: {
    "a plain name in a plain platform": { facts: { name: "mlflow-artifacts" } },
    "another one": { facts: { name: "cybersec-ml-raw" } },
    "a layer prefix in a layered platform": {
      facts: { name: "00-raw-usdcop-marketdata", declared: declared({ naming: "layered" }) },
    },
    "the longest name": { facts: { name: "a".repeat(63) } },
  },
  breaks: {
    "no layer prefix in a layered platform": {
      facts: { declared: declared({ naming: "layered" }) },
      wrong: [prefix],
    },
    "dots, which TLS certificates don't cover": { facts: { name: "market.data" }, wrong: [kebab] },
    "two dashes": { facts: { name: "market--data" }, wrong: [kebab] },
    "an underscore and capitals": { facts: { name: "Market_data" }, wrong: [kebab] },
    "too short": { facts: { name: "ab" }, wrong: ["has fewer than 3 characters"] },
    "too long for the house": {
      options: { longest: 12 },
      wrong: ["has 15 characters, allowed are 12"],
    },
  },
});
