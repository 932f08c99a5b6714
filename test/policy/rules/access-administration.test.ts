import { metricsPolicy } from "../../../builders/monitoring/metrics-access.ts";
import { accessAdministration } from "../../../policy/rules/access-administration.ts";
import { allowing, VALID_GRANT } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(accessAdministration, VALID_GRANT, {
  keeps: {
    "reading quotas and tiers": {
      facts: { document: allowing(["admin:GetBucketQuota", "admin:ListTier"], "arn:aws:s3:::*") },
    },
    "reading metrics": { facts: { document: metricsPolicy() } },
  },
  breaks: {
    administration: {
      facts: { document: allowing(["s3:GetObject", "admin:ServerInfo"], "arn:aws:s3:::market-data-raw/*") },
      wrong: ["allows admin:ServerInfo"],
    },
    keys: { facts: { document: allowing("kms:CreateKey", "arn:minio:kms:::*") }, wrong: ["allows kms:CreateKey"] },
  },
});
