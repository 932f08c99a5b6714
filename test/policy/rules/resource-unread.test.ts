import type { ResourceFacts } from "../../../policy/facts.ts";
import { resourceUnread } from "../../../policy/rules/resource-unread.ts";
import { describeRule } from "../../support/rule-cases.ts";

const BUCKET = "minio:index/s3Bucket:S3Bucket";
const OBJECT = "minio:index/s3Object:S3Object";

describeRule<ResourceFacts>(resourceUnread, null, {
  keeps: { "a type that is allowed": { facts: { type: OBJECT }, options: { allowed: [OBJECT] } } },
  breaks: {
    "a bucket in pieces": { facts: { type: BUCKET }, wrong: [`is a ${BUCKET}, which no rule can read`] },
    "a type that isn't the allowed one": {
      facts: { type: BUCKET },
      options: { allowed: [OBJECT] },
      wrong: [`is a ${BUCKET}, which no rule can read`],
    },
  },
});
