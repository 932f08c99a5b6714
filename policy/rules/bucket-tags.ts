import { z } from "zod";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

export const bucketTags = bucketRule({
  name: "bucket-tags",
  description: "every bucket has the required tags, so that reports and rules know what it holds",
  severity: "medium",
  topic: "naming",
  framework: cis("3.7"),
  remedy: "add the tag under the bucket's tags",
  needs: ["tags"],
  options: {
    required: z.array(z.string()).default(["data_type"]).meta({ description: "tags that each bucket must have" }),
  },
  judge: ({ tags }, { required }) =>
    required.filter((tag) => !tags[tag]).map((tag) => `lacks tag ${tag}${tag in tags ? ", which is empty" : ""}`),
});
