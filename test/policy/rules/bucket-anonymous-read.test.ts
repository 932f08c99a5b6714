import { publicReadPolicy } from "../../../builders/public-read.ts";
import { bucketAnonymousRead } from "../../../policy/rules/bucket-anonymous-read.ts";
import { VALID_BUCKET } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const open = { policy: publicReadPolicy("market-data-raw", ["public/", "reports/"]) };

describeRule(bucketAnonymousRead, VALID_BUCKET, {
  keeps: {
    "places on the list": {
      facts: open,
      options: { allowed: ["market-data-raw/public/", "market-data-raw/reports/"] },
    },
  },
  breaks: {
    "public prefixes": {
      facts: open,
      wrong: ["lets anyone read market-data-raw/public/", "lets anyone read market-data-raw/reports/"],
    },
    "one that isn't on the list": {
      facts: open,
      options: { allowed: ["market-data-raw/public/", "another/"] },
      wrong: ["lets anyone read market-data-raw/reports/"],
    },
    "a whole bucket, where a prefix is on the list": {
      facts: { policy: publicReadPolicy("market-data-raw", [""]) },
      options: { allowed: ["market-data-raw/public/"] },
      wrong: ["lets anyone read market-data-raw/"],
    },
  },
});
