import { z } from "zod";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

export const bucketImmutability = bucketRule({
  name: "bucket-immutability",
  description: "a bucket that is declared immutable has object lock with a default retention",
  severity: "high",
  topic: "protection",
  framework: cis("11.3"),
  remedy: "give the bucket an object_lock when it is first made, or take the tag off",
  needs: ["tags", "objectLock"],
  options: {
    tag: z.string().default("immutable").meta({ description: "tag whose value true declares a bucket immutable" }),
  },
  judge: ({ tags, objectLock }, { tag }) => {
    if (tags[tag]?.toLowerCase() !== "true") return [];
    if (objectLock === undefined) return [`is tagged ${tag} and has no object lock`];
    return objectLock.mode === undefined ? [`is tagged ${tag}, and its object lock has no default retention`] : [];
  },
});
