import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

export const bucketEncryption = bucketRule({
  name: "bucket-encryption",
  description: "every bucket encrypts its objects by default",
  severity: "high",
  topic: "encryption",
  framework: cis("3.11"),
  remedy: "set encryption: sse-s3 (or sse-kms:KEY) of the bucket or its group",
  needs: ["encryption"],
  judge: ({ encryption }) => (encryption === undefined ? ["has no default encryption"] : []),
});
